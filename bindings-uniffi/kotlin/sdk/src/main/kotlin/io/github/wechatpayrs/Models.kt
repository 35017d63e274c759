package io.github.wechatpayrs

import java.time.OffsetDateTime
import kotlinx.serialization.KSerializer
import kotlinx.serialization.SerializationException
import kotlinx.serialization.descriptors.SerialDescriptor
import kotlinx.serialization.encoding.Decoder
import kotlinx.serialization.encoding.Encoder
import kotlinx.serialization.json.JsonArray
import kotlinx.serialization.json.JsonElement
import kotlinx.serialization.json.JsonNull
import kotlinx.serialization.json.JsonObject
import kotlinx.serialization.json.JsonPrimitive
import kotlinx.serialization.json.booleanOrNull
import kotlinx.serialization.json.doubleOrNull
import kotlinx.serialization.json.longOrNull

/**
 * A JSON object with names for what is in it.
 *
 * Every property may be null: an answer that lacks a field which the documentation calls required still reaches the caller, and what
 * does not have the type that is expected of it counts as absent. Two are equal when their class and their [json] are.
 *
 * There is no code per model but its getters: a new field adds one and changes nothing else (docs/adr/0024).
 */
public abstract class Model internal constructor(
    /** Everything that is in it, with the fields that this version does not know. */
    @get:JvmName("json")
    public val json: JsonObject,
) {
    override fun equals(other: Any?): Boolean = other is Model && other.javaClass == javaClass && other.json == json

    override fun hashCode(): Int = json.hashCode()

    override fun toString(): String = hiding()

    /** The content as text, without the values of these fields at any depth: they are encrypted on the wire and must not end up in a log. */
    protected fun hiding(vararg names: String): String = "${javaClass.simpleName} ${hidden(json, names)}"

    // What getters read with.

    protected fun any(name: String): JsonElement? = Elements.any(json[name])

    protected fun text(name: String): String? = Elements.text(json[name])

    protected fun whole(name: String): Long? = Elements.whole(json[name])

    protected fun flag(name: String): Boolean? = Elements.flag(json[name])

    protected fun number(name: String): Double? = Elements.number(json[name])

    protected fun time(name: String): OffsetDateTime? = Elements.time(json[name])

    protected fun member(name: String): JsonObject? = json[name] as? JsonObject

    protected fun members(name: String): List<JsonObject>? = (json[name] as? JsonArray)?.filterIsInstance<JsonObject>()

    protected fun texts(name: String): List<String>? = Elements.list(json[name], Elements::text)
}

/** An answer of WeChat Pay, or what a notification tells. */
public abstract class Reply internal constructor(json: JsonObject) : Model(json) {
    /** What WeChat Pay's support asks for; null for notifications. */
    @get:JvmName("requestId")
    public var requestId: String? = null
        internal set

    /** HTTP status of the answer; null for notifications. */
    @get:JvmName("httpStatus")
    public var httpStatus: Int? = null
        internal set

    /** Serial or id of the key that signed the answer; null for notifications. */
    @get:JvmName("signedBy")
    public var signedBy: String? = null
        internal set

    /** How many requests went out for the call: 1 without retries, 0 when another HTTP client sent it; null for notifications. */
    @get:JvmName("attempts")
    public var attempts: Int? = null
        internal set
}

/** A text with known values, to which WeChat Pay adds others without notice. Equal when class and value are. */
public abstract class OpenEnum internal constructor(
    /** On the wire. */
    public val value: String,
) {
    override fun equals(other: Any?): Boolean =
        other is OpenEnum && other.javaClass == javaClass && other.value == value

    override fun hashCode(): Int = value.hashCode()

    override fun toString(): String = value
}

/**
 * For programs that keep models with kotlinx.serialization: `ModelSerializer("Transaction", ::Transaction)`. JSON only; the model comes
 * back as it was, with the fields that this version does not know.
 */
public class ModelSerializer<M : Model>(name: String, private val make: (JsonObject) -> M) : KSerializer<M> {
    override val descriptor: SerialDescriptor = SerialDescriptor("io.github.wechatpayrs.$name", JsonObject.serializer().descriptor)

    override fun serialize(encoder: Encoder, value: M): Unit = encoder.encodeSerializableValue(JsonObject.serializer(), value.json)

    override fun deserialize(decoder: Decoder): M = make(decoder.decodeSerializableValue(JsonObject.serializer()))
}

/** How an element of JSON is read: what does not have the type that is expected counts as absent. */
internal object Elements {
    private fun primitive(element: JsonElement?): JsonPrimitive? = (element as? JsonPrimitive)?.takeUnless { it is JsonNull }

    @JvmStatic
    fun any(element: JsonElement?): JsonElement? = element?.takeUnless { it is JsonNull }

    @JvmStatic
    fun text(element: JsonElement?): String? = primitive(element)?.content

    @JvmStatic
    fun whole(element: JsonElement?): Long? = primitive(element)?.longOrNull

    @JvmStatic
    fun flag(element: JsonElement?): Boolean? = primitive(element)?.booleanOrNull

    @JvmStatic
    fun number(element: JsonElement?): Double? = primitive(element)?.doubleOrNull

    @JvmStatic
    fun time(element: JsonElement?): OffsetDateTime? = primitive(element)?.let { Timestamp.parse(it.content) }

    @JvmStatic
    fun <M : Model> model(element: JsonElement?, make: (JsonObject) -> M): M? = (element as? JsonObject)?.let(make)

    @JvmStatic
    fun <E : OpenEnum> constant(element: JsonElement?, make: (String) -> E): E? = text(element)?.let(make)

    @JvmStatic
    fun <T : Any> list(element: JsonElement?, read: (JsonElement) -> T?): List<T>? = (element as? JsonArray)?.mapNotNull(read)

    @JvmStatic
    fun <T : Any> map(element: JsonElement?, read: (JsonElement) -> T?): Map<String, T>? {
        val found = element as? JsonObject ?: return null
        val map = LinkedHashMap<String, T>()
        for ((name, value) in found) read(value)?.let { map[name] = it }
        return map
    }
}

/** The JSON object in a text; an empty one when it is something else, as an answer without a body is. */
internal fun objectIn(json: String): JsonObject = try {
    JSON.parseToJsonElement(json) as? JsonObject
} catch (_: SerializationException) {
    null
} ?: EMPTY

internal val EMPTY: JsonObject = JsonObject(emptyMap())

private fun hidden(element: JsonElement, names: Array<out String>): JsonElement = when (element) {
    is JsonObject -> JsonObject(element.mapValues { (name, value) -> if (name in names && value !is JsonNull) HIDDEN else hidden(value, names) })
    is JsonArray -> JsonArray(element.map { hidden(it, names) })
    is JsonPrimitive -> element
}

private val HIDDEN = JsonPrimitive("***")
