package io.github.wechatpayrs

import java.lang.ref.Reference
import java.nio.file.Path
import kotlinx.serialization.json.JsonObject

/** One merchant's client in native code. */
internal class NativeClient private constructor(private val signer: Signer?, private val origin: NativeClient?, make: (NativeClient) -> Made) {
    private val handle: Handle

    val mchid: String

    init {
        val made = make(this)
        handle = Handle(this, made.number)
        mchid = made.mchid
    }

    private class Made(val number: Long, val mchid: String)

    constructor(options: String, signer: Signer? = null) : this(signer, null, { owner ->
        val number = signer?.let { native { Signers.keep(owner, it) } } ?: 0
        val made = exchange(Arguments("new_client").text(options).long(number))
        Made(made.long(), made.text())
    })

    /** For calls that do otherwise what the JSON object says. */
    fun withOptions(options: String): NativeClient =
        NativeClient(signer, this) { Made(carryOut(local("with_options").text(options)).long(), mchid) }

    private fun carryOut(arguments: Arguments, progress: ProgressCallback? = null): Results = try {
        if (signer != null) THROWN_BY_SIGNER.remove()
        handle.carryOut(arguments, progress)
    } catch (error: WeChatPayException) {
        if (signer != null && error.kind in FROM_SIGNER) THROWN_BY_SIGNER.get()?.let(error::initCause)
        throw error
    } finally {
        // Of the signer too, which the first of these clients keeps.
        Reference.reachabilityFence(origin)
        Reference.reachabilityFence(this)
    }

    /** A function that waits for nothing. */
    private fun local(function: String): Arguments = Arguments(function).long(0)

    /** A function that waits for the network, and can be given up. */
    private fun waiting(function: String, progress: ProgressCallback? = null, arguments: Arguments.() -> Arguments): Results =
        CallsUnderWay.run { carryOut(Arguments(function).long(it).arguments(), progress) }

    fun call(operation: String, params: String): Answered = Answered(waiting("call") { text(operation).text(params) })

    fun request(method: String, pathAndQuery: String, body: String?): Answered =
        Answered(waiting("request") { text(method).text(pathAndQuery).option(body) })

    fun upload(operation: String, params: String, fileName: String, content: ByteArray): Answered =
        Answered(waiting("upload") { text(operation).text(params).text(fileName).bytes(content) })

    /** JSON that tells size and hash, as of the next two. */
    fun callForFile(operation: String, params: String, path: Path, progress: ProgressCallback?): String =
        waiting("call_for_file", progress) { text(operation).text(params).text(path.toString()) }.text()

    fun download(url: String, sha1: String?, path: Path, progress: ProgressCallback?): String =
        waiting("download", progress) { text(url).option(sha1).text(path.toString()) }.text()

    fun downloadAnnounced(answer: String, path: Path, progress: ProgressCallback?): String =
        waiting("download_announced", progress) { text(answer).text(path.toString()) }.text()

    fun prepare(operation: String, params: String): SignedRequest {
        val result = carryOut(local("prepare").text(operation).text(params))
        return SignedRequest(result.text(), result.text(), result.pairs(), result.bytes())
    }

    fun finish(operation: String, status: Int, headers: Map<String, String>, body: ByteArray): Answered =
        Answered(carryOut(local("finish").text(operation).number(status).pairs(headers).bytes(body)))

    /** It may have to download certificates first. */
    fun parseNotification(headers: List<Pair<String, String>>, body: ByteArray): Notice =
        Notice(waiting("parse_notification") { pairs(headers).bytes(body) })

    fun answerNotification(type: String?, answer: String): NotificationReply =
        NotificationReply(carryOut(local("answer_notification").option(type).text(answer)))

    /** What the client side opens WeChat with, by name; the parameters and what is made are JSON. */
    fun frontEnd(opens: String, params: String): String = carryOut(local("front_end").text(opens).text(params)).text()

    fun encryptField(text: String): EncryptedField = carryOut(local("encrypt_field").text(text)).let { EncryptedField(it.text(), it.text()) }

    fun decryptField(ciphertext: String): String = carryOut(local("decrypt_field").text(ciphertext)).text()

    /** The number stays: calls after this are told that the client is closed. */
    fun shutDown() {
        carryOut(local("shut_down"))
    }

    private companion object {
        val FROM_SIGNER = setOf(ErrorKind.SIGNING, ErrorKind.DECRYPTION)
    }
}

/** A verified answer. */
internal class Answered(val json: String, val requestId: String?, val status: Int, val serial: String, val attempts: Int) {
    constructor(results: Results) : this(results.text(), results.option(), results.number(), results.text(), results.number())

    /** For the class of the answer. */
    val content: JsonObject get() = objectIn(json)

    /** The answer in its class, with what belongs to it besides its content. */
    fun <R : Reply> to(reply: R): R = reply.also {
        it.requestId = requestId
        it.httpStatus = status
        it.signedBy = serial
        it.attempts = attempts
    }
}

/** A notification, verified and decrypted. Its parts come apart: nobody has to parse the envelope again to read one. */
internal class Notice(results: Results) {
    val id: String = results.text()
    val createTime: String = results.text()
    val eventType: String = results.text()
    val resourceType: String = results.text()
    val summary: String = results.text()
    val originalType: String = results.text()
    val associatedData: String = results.text()
    val serial: String = results.text()

    /** The name of its type in the spec, when there is one. */
    val kind: String? = results.option()

    /** The decrypted resource as JSON text. */
    val resource: String = results.text()
}
