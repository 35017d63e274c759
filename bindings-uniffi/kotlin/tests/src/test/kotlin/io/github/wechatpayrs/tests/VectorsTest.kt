package io.github.wechatpayrs.tests

import io.github.wechatpayrs.Client
import io.github.wechatpayrs.junit5.WithSandbox
import java.lang.reflect.Method
import java.time.OffsetDateTime
import kotlinx.serialization.ExperimentalSerializationApi
import kotlinx.serialization.InternalSerializationApi
import kotlinx.serialization.json.Json
import kotlinx.serialization.json.JsonArray
import kotlinx.serialization.json.JsonElement
import kotlinx.serialization.json.JsonNull
import kotlinx.serialization.json.JsonObject
import kotlinx.serialization.json.JsonPrimitive
import kotlinx.serialization.json.jsonPrimitive
import kotlinx.serialization.serializer
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test

/** `tests/vectors/examples` of the repository: the examples of the spec through the typed classes and back. */
@WithSandbox
@OptIn(InternalSerializationApi::class, ExperimentalSerializationApi::class)
class VectorsTest {
    private val json = Json { explicitNulls = false; encodeDefaults = false }

    private val operations: List<JsonObject> = examples("operations")

    /** The method of a service that carries out an operation: `client.payments.jsapi.prepay`. */
    private fun method(client: Client, operation: String): Method? {
        var service: Any = client
        val parts = operation.split('.')
        for (part in parts.dropLast(1)) {
            val getter = "get" + part.replaceFirstChar(Char::uppercase)
            service = service.javaClass.getMethod(getter).invoke(service)
        }
        val name = parts.last().split('_').joinToString("") { it.replaceFirstChar(Char::uppercase) }.replaceFirstChar(Char::lowercase)
        return service.javaClass.methods.filter { it.name == name || it.name == "${name}_" }.maxByOrNull { it.parameterCount }
    }

    @Test
    fun `every example goes through its class and comes out the same`(client: Client) {
        var read = 0
        for (vector in operations) {
            val operation = vector.getValue("operation").jsonPrimitive.content
            val method = method(client, operation) ?: continue
            for ((example, type) in listOf(vector["request"] to method.parameterTypes.singleOrNull(), vector["response"] to method.returnType)) {
                if (example == null || type == null || type == Void.TYPE || !type.name.startsWith("io.github.wechatpayrs")) continue
                val serializer = type.kotlin.serializer()
                val value = json.decodeFromJsonElement(serializer, example)
                @Suppress("UNCHECKED_CAST")
                val again = json.encodeToJsonElement(serializer as kotlinx.serialization.KSerializer<Any>, value)
                assertEquals(plain(example), plain(again), operation)
                read++
            }
        }
        assertTrue(read > operations.size, "only $read examples of ${operations.size} operations were read")
    }

    /** Times as moments: `…00Z` and `…00+00:00` are the same. */
    private fun plain(value: JsonElement): JsonElement = when (value) {
        is JsonObject -> JsonObject(value.filterValues { it !is JsonNull }.mapValues { plain(it.value) })
        is JsonArray -> JsonArray(value.map(::plain))
        is JsonPrimitive -> runCatching { JsonPrimitive(OffsetDateTime.parse(value.content).toInstant().toString()) }.getOrDefault(value)
    }
}
