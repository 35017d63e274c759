package io.github.wechatpayrs.tests

import io.github.wechatpayrs.junit5.Sandbox
import java.nio.file.Files
import java.nio.file.Path
import kotlin.io.path.name
import kotlinx.serialization.json.Json
import kotlinx.serialization.json.JsonElement
import kotlinx.serialization.json.JsonObject
import kotlinx.serialization.json.jsonArray
import kotlinx.serialization.json.jsonObject
import kotlinx.serialization.json.jsonPrimitive
import org.junit.jupiter.api.AfterAll
import org.junit.jupiter.api.DynamicTest
import org.junit.jupiter.api.TestFactory
import org.junit.jupiter.api.TestInstance

/** `tests/scenarios` of the repository: conversations that every language has alike. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ScenariosTest {
    private val sandbox = Sandbox.start()

    @AfterAll
    fun stop(): Unit = sandbox.close()

    @TestFactory
    fun scenarios(): List<DynamicTest> = repositoryFiles("tests/scenarios").flatMap { path ->
        val file = Json.parseToJsonElement(Files.readString(path)).jsonObject
        file.onlyHas("title", "let", "scenarios")
        file.getValue("scenarios").jsonArray.map { it.jsonObject }.map { scenario ->
            DynamicTest.dynamicTest("${path.name}: ${scenario.getValue("name").jsonPrimitive.content}") {
                Scenario(sandbox, file["let"]?.jsonObject ?: JsonObject(emptyMap()), scenario).run()
            }
        }
    }
}

/** A path in the repository, which the environment variable `WECHATPAY_REPOSITORY` names. */
internal fun repository(path: String): Path =
    Path.of(checkNotNull(System.getenv("WECHATPAY_REPOSITORY")) { "set WECHATPAY_REPOSITORY to the repository" }, path)

/** A JSON file of the repository. */
internal fun repositoryFile(path: String): JsonObject = Json.parseToJsonElement(Files.readString(repository(path))).jsonObject

/** The JSON files in a folder of the repository. */
internal fun repositoryFiles(folder: String): List<Path> {
    val found = Files.list(repository(folder)).use { files -> files.filter { it.name.endsWith(".json") }.sorted().toList() }
    check(found.isNotEmpty()) { "$folder has no JSON file" }
    return found
}

/** The examples of the spec, `operations` or `notifications`, of all its files. */
internal fun examples(of: String): List<JsonObject> =
    repositoryFiles("tests/vectors/examples").flatMap { file ->
        Json.parseToJsonElement(Files.readString(file)).jsonObject.getValue(of).jsonArray.map { it.jsonObject }
    }

/** Fails when the object has a member that is not named here: what a runner does not know must not pass in silence. */
internal fun JsonObject.onlyHas(vararg names: String) {
    val unknown: Set<String> = keys - names.toSet()
    check(unknown.isEmpty()) { "the runner does not know $unknown in $this" }
}

internal fun JsonElement?.orNull(): JsonElement = this ?: kotlinx.serialization.json.JsonNull
