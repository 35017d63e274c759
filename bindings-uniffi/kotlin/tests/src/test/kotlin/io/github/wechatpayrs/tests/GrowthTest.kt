package io.github.wechatpayrs.tests

import japicmp.cmp.JApiCmpArchive
import japicmp.cmp.JarArchiveComparator
import japicmp.cmp.JarArchiveComparatorOptions
import japicmp.model.JApiClass
import japicmp.model.JApiCompatibility
import java.io.File
import java.net.URLClassLoader
import java.nio.file.Files
import java.nio.file.Path
import java.util.jar.JarEntry
import java.util.jar.JarOutputStream
import kotlin.io.path.extension
import kotlin.io.path.invariantSeparatorsPathString
import kotlin.io.path.relativeTo
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.BeforeAll
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.TestInstance
import org.junit.jupiter.api.io.TempDir

/**
 * WeChat Pay adds fields all the time: that must break no program, neither compiled nor as source. `tests/growth` has a product
 * before and after; `cargo xtask test` prints both to the folder that `WECHATPAY_GROWTH` names.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class GrowthTest {
    private val printed = Path.of(checkNotNull(System.getenv("WECHATPAY_GROWTH")) { "set WECHATPAY_GROWTH, as cargo xtask does" })

    private lateinit var folder: Path

    private fun source(name: String): Path = repository("bindings-uniffi/kotlin/tests/growth/program").resolve(name)

    private fun out(name: String): Path = Files.createDirectories(folder.resolve(name))

    @BeforeAll
    fun compileBoth(@TempDir folder: Path) {
        this.folder = folder
        for (name in listOf("before", "after")) assertEquals("", compileGenerated(printed.resolve(name), out(name)))
    }

    private fun run(type: String, program: String, models: String): String =
        URLClassLoader(arrayOf(out(program).toUri().toURL(), out(models).toUri().toURL()), javaClass.classLoader).use {
            it.loadClass("program.$type").getMethod("run").invoke(null) as String
        }

    @Test
    fun `compiled programs go on with the same outcome`() {
        val sources = listOf("Program.kt", "Sparse.kt", "FromJava.java").map(::source)
        assertEquals("", compile(sources, listOf(out("before")), out("program")))
        for (type in listOf("Program", "Sparse", "FromJava")) {
            assertEquals(run(type, "program", "before"), run(type, "program", "after"), type)
        }
        assertEquals("""{"out_no":"1","amount":{"total":100}}""", run("Sparse", "program", "after"))
    }

    @Test
    fun `programs as source compile and come to the same`() {
        val sources = listOf("Program.kt", "FromJava.java").map(::source)
        assertEquals("", compile(sources, listOf(out("before")), out("first")))
        assertEquals("", compile(sources, listOf(out("after")), out("second")))
        for (type in listOf("Program", "FromJava")) assertEquals(run(type, "first", "before"), run(type, "second", "after"), type)
    }

    @Test
    fun `an argument without a name does not compile`() {
        val said = compile(listOf(source("Positional.kt")), listOf(out("before")), out("positional"))
        assertTrue("Positional.kt:6" in said && "type mismatch" in said, said)
    }

    @Test
    fun `japicmp finds nothing that breaks a program, compiled or as source`() {
        val grown = compared("before", "after")
        assertTrue(grown.size > 10, "$grown")
        assertEquals(emptyList<String>(), grown.filterNot { it.isBinaryCompatible && it.isSourceCompatible }.map(::broken))
        // It sees what it should: the other way round, what was added is gone.
        assertTrue(compared("after", "before").any { !it.isBinaryCompatible })
    }

    private fun compared(old: String, new: String): List<JApiClass> {
        val options = JarArchiveComparatorOptions().apply { classPathEntries += System.getProperty("java.class.path").split(File.pathSeparator) }
        return JarArchiveComparator(options).compare(JApiCmpArchive(jar(old), old), JApiCmpArchive(jar(new), new))
    }

    private fun jar(models: String): File {
        val root = out(models)
        val jar = folder.resolve("$models.jar")
        JarOutputStream(Files.newOutputStream(jar)).use { written ->
            val classes = Files.walk(root).use { all -> all.filter { it.extension == "class" }.toList() }
            for (file in classes) {
                written.putNextEntry(JarEntry(file.relativeTo(root).invariantSeparatorsPathString))
                Files.copy(file, written)
            }
        }
        return jar.toFile()
    }

    private fun broken(type: JApiClass): String {
        val members: List<JApiCompatibility> = type.methods + type.constructors + type.fields
        val changes = (members + type).filterNot { it.isBinaryCompatible && it.isSourceCompatible }
        return "${type.fullyQualifiedName}: ${changes.map { "$it ${it.compatibilityChanges}" }}"
    }
}
