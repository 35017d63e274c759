package io.github.wechatpayrs.tests

import com.sun.jna.Callback
import com.sun.jna.Structure
import io.github.wechatpayrs.Client
import java.lang.reflect.Modifier
import java.nio.file.Path
import java.util.jar.JarFile
import kotlinx.serialization.json.Json
import kotlinx.serialization.json.JsonArray
import kotlinx.serialization.json.jsonArray
import kotlinx.serialization.json.jsonObject
import kotlinx.serialization.json.jsonPrimitive
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test

/** The files in the jar that tell GraalVM's native image what JNA reaches. GraalVM itself is not at hand. */
class NativeImageTest {
    private val jar = JarFile(Path.of(Client::class.java.protectionDomain.codeSource.location.toURI()).toFile())

    private fun config(name: String) =
        Json.parseToJsonElement(jar.getInputStream(jar.getEntry("META-INF/native-image/io.github.wechatpay-rs/wechatpay-rs/$name")).reader().readText())

    private fun names(config: JsonArray): Set<String> = config.map { it.jsonObject.getValue("name").jsonPrimitive.content }.toSet()

    private val classes: List<Class<*>> = jar.entries().asSequence().map { it.name }
        .filter { it.startsWith("io/github/wechatpayrs/") && it.endsWith(".class") }
        .map { Class.forName(it.removeSuffix(".class").replace('/', '.'), false, javaClass.classLoader) }.toList()

    @Test
    fun `what JNA reaches by reflection is named, and nothing else`() {
        val structures = classes.filter { Structure::class.java.isAssignableFrom(it) }
        val callbacks = classes.filter { Callback::class.java.isAssignableFrom(it) && it.isInterface }
        val libraries = classes.filter { type -> type.declaredMethods.any { Modifier.isNative(it.modifiers) } }
        assertTrue(callbacks.isNotEmpty() && libraries.isNotEmpty())
        assertEquals((structures + callbacks + libraries).map { it.name }.toSortedSet(), names(config("reflect-config.json").jsonArray).toSortedSet())
        assertEquals(libraries.map { it.name }.toSet(), names(config("jni-config.json").jsonArray))
    }

    @Test
    fun `the native library is a resource`() {
        val patterns = config("resource-config.json").jsonObject.getValue("resources").jsonObject.getValue("includes").jsonArray
            .map { Regex(it.jsonObject.getValue("pattern").jsonPrimitive.content) }
        val libraries = jar.entries().asSequence().map { it.name }.filter { "wechatpay_uniffi" in it.substringAfterLast('/') && !it.endsWith(".class") }.toList()
        assertTrue(libraries.isNotEmpty())
        for (library in libraries) assertTrue(patterns.any { it.matches(library) }, library)
    }
}
