package io.github.wechatpayrs.tests

import java.nio.file.Files
import java.nio.file.Path
import kotlin.io.path.extension
import kotlin.io.path.isDirectory
import kotlin.io.path.name
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.DynamicTest
import org.junit.jupiter.api.TestFactory
import org.junit.jupiter.api.io.TempDir

/** `codegen/tests/golden` of the repository: what the generator prints for each feature of the spec must be Kotlin. */
class GoldenTest {
    @TestFactory
    fun `golden Kotlin compiles`(@TempDir out: Path): List<DynamicTest> {
        val folders = Files.list(repository("codegen/tests/golden")).use { all -> all.map { it.resolve("kotlin") }.filter { it.isDirectory() }.sorted().toList() }
        assertTrue(folders.size >= 7, folders.toString())
        return folders.map { folder -> DynamicTest.dynamicTest(folder.parent.name) { compile(folder, Files.createTempDirectory(out, "classes")) } }
    }

    private fun compile(folder: Path, out: Path) {
        val said = compileGenerated(folder, out)
        assertEquals("", said)
        assertTrue(Files.walk(out).use { all -> all.filter { it.extension == "class" }.count() } > 0)
    }
}
