package io.github.wechatpayrs.tests

import io.github.wechatpayrs.Client
import io.github.wechatpayrs.coroutines.SuspendClient
import java.io.ByteArrayOutputStream
import java.io.File
import java.io.PrintStream
import java.nio.file.Files
import java.nio.file.Path
import kotlin.io.path.extension
import kotlin.io.path.isDirectory
import kotlin.io.path.name
import org.jetbrains.kotlin.cli.common.ExitCode
import org.jetbrains.kotlin.cli.jvm.K2JVMCompiler
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.DynamicTest
import org.junit.jupiter.api.TestFactory
import org.junit.jupiter.api.io.TempDir

/** `codegen/tests/golden` of the repository: what the generator prints for each feature of the spec must be Kotlin. */
class GoldenTest {
    private val classPath: List<String> = System.getProperty("java.class.path").split(File.pathSeparator)

    init {
        // Seven small compilations, one after the other: the compiler need not take itself down in between.
        System.setProperty("kotlin.environment.keepalive", "true")
    }

    /** Where a class came from: generated code uses what is internal there. */
    private fun place(type: Class<*>): String = Path.of(type.protectionDomain.codeSource.location.toURI()).toString()

    @TestFactory
    fun `golden Kotlin compiles`(@TempDir out: Path): List<DynamicTest> {
        val folders = Files.list(repository("codegen/tests/golden")).use { all -> all.map { it.resolve("kotlin") }.filter { it.isDirectory() }.sorted().toList() }
        assertTrue(folders.size >= 7, folders.toString())
        return folders.map { folder -> DynamicTest.dynamicTest(folder.parent.name) { compile(folder, Files.createTempDirectory(out, "classes")) } }
    }

    private fun compile(folder: Path, out: Path) {
        val sources = Files.walk(folder).use { all -> all.filter { it.extension == "kt" }.map { it.toString() }.toList() }
        val arguments = listOf(
            "-no-stdlib", "-no-reflect", "-jvm-target", "17", "-Xexplicit-api=strict",
            "-classpath", classPath.filterNot { "kotlin-compiler" in it }.joinToString(File.pathSeparator),
            "-Xfriend-paths=${place(Client::class.java)},${place(SuspendClient::class.java)}",
            "-Xplugin=${classPath.single { "serialization-compiler-plugin" in it }}",
            "-d", out.toString(),
        )
        val said = ByteArrayOutputStream()
        val code = K2JVMCompiler().exec(PrintStream(said), *(arguments + sources).toTypedArray())
        assertEquals(ExitCode.OK, code, said.toString())
        val classes = Files.walk(out).use { all -> all.filter { it.extension == "class" }.count() }
        assertTrue(classes > 0)
    }
}
