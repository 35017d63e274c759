package io.github.wechatpayrs.tests

import io.github.wechatpayrs.Client
import io.github.wechatpayrs.Model
import io.github.wechatpayrs.ModelSerializer
import io.github.wechatpayrs.junit5.WithSandbox
import io.github.wechatpayrs.payments.jsapi.JsapiPayer
import java.lang.reflect.Method
import java.lang.reflect.Modifier
import java.time.OffsetDateTime
import kotlinx.serialization.json.Json
import kotlinx.serialization.json.JsonArray
import kotlinx.serialization.json.JsonElement
import kotlinx.serialization.json.JsonNull
import kotlinx.serialization.json.JsonObject
import kotlinx.serialization.json.JsonPrimitive
import kotlinx.serialization.json.jsonPrimitive
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertFalse
import org.junit.jupiter.api.Assertions.assertNotEquals
import org.junit.jupiter.api.Assertions.assertNull
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test

/** `tests/vectors/examples` of the repository: the examples of the spec through the typed classes and back. */
@WithSandbox
class VectorsTest {
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
    fun `every example goes through all getters and builders and comes out the same`(client: Client) {
        var read = 0
        for (vector in operations) {
            val operation = vector.getValue("operation").jsonPrimitive.content
            val method = method(client, operation) ?: continue
            val request = method.parameterTypes.singleOrNull()
            for ((example, type) in listOf(vector["request"] to request, vector["response"] to method.returnType)) {
                if (example !is JsonObject || type == null || !Model::class.java.isAssignableFrom(type)) continue
                val model = type.getConstructor(JsonObject::class.java).newInstance(example) as Model
                assertEquals(plain(example), plain(got(model)), operation)
                if (type == request) assertEquals(plain(example), plain(rebuilt(model).json), operation)
                read++
            }
        }
        assertTrue(read > operations.size, "only $read examples of ${operations.size} operations were read")
    }

    /** What the getters say, as JSON. */
    private fun got(value: Any?): JsonElement = when (value) {
        null -> JsonNull
        is Model -> JsonObject(getters(value).associate { it.name.removePrefix("get").replaceFirstChar(Char::lowercase) to got(it.invoke(value)) })
        is List<*> -> JsonArray(value.map(::got))
        is Map<*, *> -> JsonObject(value.entries.associate { (name, each) -> name as String to got(each) })
        is JsonElement -> value
        is Boolean -> JsonPrimitive(value)
        is Number -> JsonPrimitive(value)
        else -> JsonPrimitive(value.toString())
    }

    private fun getters(model: Model): List<Method> =
        model.javaClass.declaredMethods.filter { it.name.startsWith("get") && it.parameterCount == 0 && Modifier.isPublic(it.modifiers) }

    /** The same, set field by field. */
    private fun rebuilt(model: Model): Model {
        val builder = model.javaClass.getMethod("builder").invoke(null)
        for (getter in getters(model)) {
            val name = getter.name.removePrefix("get").replaceFirstChar(Char::lowercase)
            val setter = builder.javaClass.methods.first { it.parameterCount == 1 && it.name.removeSuffix("_2") == name }
            setter.invoke(builder, getter.invoke(model))
        }
        return builder.javaClass.getMethod("build").invoke(builder) as Model
    }

    @Test
    fun `two models are equal when their content is, and say nothing that is encrypted`() {
        val text = Json.parseToJsonElement("""{"openid":"o","identity":{"type":"IDCARD","number":"110101199003078515","name":"张三"},"novel":1}""") as JsonObject
        val payer = JsapiPayer(text)
        assertEquals(payer, JsapiPayer(JsonObject(text.toMap())))
        assertEquals(payer.hashCode(), JsapiPayer(JsonObject(text.toMap())).hashCode())
        assertNotEquals(payer, payer.toBuilder().openid("p").build())
        assertEquals(payer, payer.toBuilder().build(), "a field that this version does not know is kept")
        assertNull(payer.toBuilder().identity(null).build().json["identity"])
        assertFalse("110101199003078515" in payer.toString() || "张三" in payer.toString(), payer.toString())
        assertTrue("openid" in payer.toString(), payer.toString())
        val serializer = ModelSerializer("JsapiPayer", ::JsapiPayer)
        assertEquals(payer, Json.decodeFromString(serializer, Json.encodeToString(serializer, payer)))
    }

    /** Times as moments: `…00Z` and `…00+00:00` are the same. */
    private fun plain(value: JsonElement): JsonElement = when (value) {
        is JsonObject -> JsonObject(value.filterValues { it !is JsonNull }.mapValues { plain(it.value) })
        is JsonArray -> JsonArray(value.map(::plain))
        is JsonPrimitive -> runCatching { JsonPrimitive(OffsetDateTime.parse(value.content).toInstant().toString()) }.getOrDefault(value)
    }
}
