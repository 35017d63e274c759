package io.github.wechatpayrs

import java.time.OffsetDateTime
import kotlinx.serialization.json.JsonArray
import kotlinx.serialization.json.JsonElement
import kotlinx.serialization.json.JsonObject
import kotlinx.serialization.json.JsonPrimitive

/**
 * The first parameter of the functions that make models: it takes nothing, and has Kotlin refuse arguments without a name. WeChat Pay adds
 * fields anywhere in a list, and a number that moves one place on would be another field's.
 */
public class NameTheArguments private constructor()

/**
 * What the functions that make models write into. They are inlined into the caller's program, which so links to nothing else: a
 * field that is added, or becomes required, leaves a compiled program as it was. These names must stay.
 */
@PublishedApi
internal class Fields @PublishedApi internal constructor() {
    private val members = LinkedHashMap<String, JsonElement>()

    @PublishedApi
    internal fun put(name: String, value: Any?): Fields = apply { members.keep(name, value) }

    @PublishedApi
    internal fun json(): JsonObject = JsonObject(members)
}

/** Sets the fields of a model one by one. */
public abstract class ModelBuilder internal constructor(from: JsonObject?) {
    private val members = LinkedHashMap<String, JsonElement>(from.orEmpty())

    protected fun put(name: String, value: Any?) {
        members.keep(name, value)
    }

    /** What was set. Fails with an [InvalidRequestException] when a required field is missing. */
    protected fun checked(type: String, vararg required: String): JsonObject {
        for (name in required) {
            if (name !in members) {
                throw invalidRequest("MISSING_PARAMETER", "$type.$name is required and was not set. Set it in the builder.")
            }
        }
        return JsonObject(LinkedHashMap(members))
    }
}

/** Null takes a field away: it is not sent. */
private fun MutableMap<String, JsonElement>.keep(name: String, value: Any?) {
    if (value == null) remove(name) else put(name, toJson(name, value))
}

private fun toJson(name: String, value: Any?): JsonElement = when (value) {
    is String -> JsonPrimitive(value)
    is Long -> JsonPrimitive(value)
    is Boolean -> JsonPrimitive(value)
    is Double -> if (value.isFinite()) JsonPrimitive(value) else throw invalidRequest("WRONG_TYPE", "$name is $value, which JSON does not have.")
    is OpenEnum -> JsonPrimitive(value.value)
    is OffsetDateTime -> JsonPrimitive(Timestamp.format(value))
    is Model -> value.json
    is JsonElement -> value
    is List<*> -> JsonArray(value.map { toJson(name, it) })
    is Map<*, *> -> JsonObject(value.entries.associate { (key, each) -> key.toString() to toJson(name, each) })
    null -> throw invalidRequest("WRONG_TYPE", "$name holds null, which is no value.")
    else -> throw invalidRequest("WRONG_TYPE", "$name holds a ${value.javaClass.name}, which cannot be sent.")
}
