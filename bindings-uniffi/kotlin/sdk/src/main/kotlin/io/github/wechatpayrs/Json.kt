package io.github.wechatpayrs

import java.time.DateTimeException
import java.time.OffsetDateTime
import java.time.format.DateTimeFormatter
import kotlinx.serialization.ExperimentalSerializationApi
import kotlinx.serialization.KSerializer
import kotlinx.serialization.SerializationException
import kotlinx.serialization.descriptors.PrimitiveKind
import kotlinx.serialization.descriptors.PrimitiveSerialDescriptor
import kotlinx.serialization.descriptors.SerialDescriptor
import kotlinx.serialization.descriptors.StructureKind
import kotlinx.serialization.encoding.Decoder
import kotlinx.serialization.encoding.Encoder
import kotlinx.serialization.json.Json
import kotlinx.serialization.json.JsonArray
import kotlinx.serialization.json.JsonElement
import kotlinx.serialization.json.JsonNull
import kotlinx.serialization.json.JsonObject
import kotlinx.serialization.json.JsonPrimitive
import kotlinx.serialization.json.booleanOrNull
import kotlinx.serialization.json.doubleOrNull
import kotlinx.serialization.json.longOrNull

/** Answers are read tolerantly: what is missing is null, what is unknown stays reachable through [Reply.json]. */
@OptIn(ExperimentalSerializationApi::class)
internal val JSON: Json = Json {
    ignoreUnknownKeys = true
    explicitNulls = false
    encodeDefaults = false
    isLenient = true
}

/** RFC 3339 as the API has it: to the second, or to the millisecond where there are some. */
internal object TimestampSerializer : KSerializer<OffsetDateTime> {
    const val NAME = "io.github.wechatpayrs.Timestamp"

    private val seconds = DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ssXXX")
    private val milliseconds = DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss.SSSXXX")

    override val descriptor: SerialDescriptor = PrimitiveSerialDescriptor(NAME, PrimitiveKind.STRING)

    override fun serialize(encoder: Encoder, value: OffsetDateTime): Unit =
        encoder.encodeString((if (value.nano < 1_000_000) seconds else milliseconds).format(value))

    override fun deserialize(decoder: Decoder): OffsetDateTime {
        val text = decoder.decodeString()
        return parse(text) ?: throw SerializationException("$text is not an RFC 3339 time")
    }

    fun parse(text: String): OffsetDateTime? = try {
        OffsetDateTime.parse(text)
    } catch (_: DateTimeException) {
        null
    }
}

/** Open enums are texts on the wire. */
internal abstract class OpenEnumSerializer<T : OpenEnum>(name: String, private val create: (String) -> T) : KSerializer<T> {
    override val descriptor: SerialDescriptor = PrimitiveSerialDescriptor("io.github.wechatpayrs.$name", PrimitiveKind.STRING)

    override fun serialize(encoder: Encoder, value: T): Unit = encoder.encodeString(value.value)

    override fun deserialize(decoder: Decoder): T = create(decoder.decodeString())
}

/** Reads an answer. What does not have the type that is expected of it counts as absent. */
internal fun <T : Any> decode(serializer: KSerializer<T>, json: String): T = try {
    JSON.decodeFromString(serializer, json)
} catch (_: SerializationException) {
    val pruned = prune(JSON.parseToJsonElement(json), serializer.descriptor) ?: JsonObject(emptyMap())
    JSON.decodeFromJsonElement(serializer, pruned)
} catch (_: IllegalArgumentException) {
    val pruned = prune(JSON.parseToJsonElement(json), serializer.descriptor) ?: JsonObject(emptyMap())
    JSON.decodeFromJsonElement(serializer, pruned)
}

/** The element without whatever the descriptor would choke on; null when nothing is left. */
@OptIn(ExperimentalSerializationApi::class)
private fun prune(element: JsonElement, descriptor: SerialDescriptor): JsonElement? {
    if (descriptor.isInline) return prune(element, descriptor.getElementDescriptor(0))
    val primitive = (element as? JsonPrimitive)?.takeUnless { it is JsonNull }
    return when (descriptor.kind) {
        PrimitiveKind.STRING -> when {
            primitive == null -> null
            descriptor.serialName.removeSuffix("?") == TimestampSerializer.NAME ->
                primitive.takeIf { TimestampSerializer.parse(it.content) != null }
            else -> JsonPrimitive(primitive.content)
        }
        PrimitiveKind.LONG -> primitive?.longOrNull?.let { JsonPrimitive(it) }
        PrimitiveKind.DOUBLE -> primitive?.doubleOrNull?.let { JsonPrimitive(it) }
        PrimitiveKind.BOOLEAN -> primitive?.booleanOrNull?.let { JsonPrimitive(it) }
        StructureKind.LIST -> (element as? JsonArray)?.let { list ->
            JsonArray(list.mapNotNull { prune(it, descriptor.getElementDescriptor(0)) })
        }
        StructureKind.MAP -> (element as? JsonObject)?.let { map ->
            JsonObject(map.mapNotNull { (key, value) -> prune(value, descriptor.getElementDescriptor(1))?.let { key to it } }.toMap())
        }
        StructureKind.CLASS -> (element as? JsonObject)?.let { fields ->
            JsonObject(
                (0 until descriptor.elementsCount).mapNotNull { index ->
                    val name = descriptor.getElementName(index)
                    fields[name]?.let { prune(it, descriptor.getElementDescriptor(index)) }?.let { name to it }
                }.toMap(),
            )
        }
        else -> element
    }
}
