package io.github.wechatpayrs.tests

import io.github.wechatpayrs.Client
import io.github.wechatpayrs.coroutines.SuspendClient
import java.io.ByteArrayOutputStream
import java.io.File
import java.io.PrintStream
import java.nio.file.Files
import java.nio.file.Path
import javax.tools.ToolProvider
import kotlin.io.path.extension
import org.jetbrains.kotlin.cli.common.ExitCode
import org.jetbrains.kotlin.cli.jvm.K2JVMCompiler

private val classPath: List<String> by lazy {
    // Small compilations, one after the other: the compiler need not take itself down in between.
    System.setProperty("kotlin.environment.keepalive", "true")
    System.getProperty("java.class.path").split(File.pathSeparator).filterNot { "kotlin-compiler" in it }
}

/** Where a class came from: generated code uses what is internal there. */
private fun place(type: Class<*>): String = Path.of(type.protectionDomain.codeSource.location.toURI()).toString()

/** Compiles what the generator printed, Kotlin and Java; says what the compilers say when it is wrong, and nothing otherwise. */
internal fun compileGenerated(folder: Path, out: Path): String = compile(
    Files.walk(folder).use { all -> all.toList() }, emptyList(), out,
    "-Xexplicit-api=strict", "-Xfriend-paths=${place(Client::class.java)},${place(SuspendClient::class.java)}",
)

/** Compiles a program as its user does. */
internal fun compile(sources: List<Path>, classes: List<Path>, out: Path, vararg options: String): String {
    // Kotlin reads Java's sources itself; Java needs what Kotlin made.
    val kotlin = sources.filter { it.extension == "kt" || it.extension == "java" }.map { it.toString() }
    val java = kotlin.filter { it.endsWith(".java") }
    val path = (classPath + classes.map { it.toString() } + out.toString()).joinToString(File.pathSeparator)
    val said = ByteArrayOutputStream()
    val arguments = listOf("-no-stdlib", "-no-reflect", "-nowarn", "-jvm-target", "17", "-classpath", path, "-d", out.toString())
    if (K2JVMCompiler().exec(PrintStream(said), *(arguments + options + kotlin).toTypedArray()) != ExitCode.OK) return said.toString()
    if (java.isEmpty()) return ""
    val failed = ToolProvider.getSystemJavaCompiler()
        .run(null, null, said, "-proc:none", "-Xlint:-options", "--release", "17", "-classpath", path, "-d", out.toString(), *java.toTypedArray())
    return if (failed == 0) "" else said.toString()
}
