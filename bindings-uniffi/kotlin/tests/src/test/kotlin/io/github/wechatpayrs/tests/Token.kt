package io.github.wechatpayrs.tests

import io.github.wechatpayrs.Client
import io.github.wechatpayrs.Signer
import java.nio.file.Files
import java.nio.file.Path
import java.security.KeyFactory
import java.security.KeyStore
import java.security.PrivateKey
import java.security.Security
import java.security.cert.CertificateFactory
import java.security.spec.PKCS8EncodedKeySpec
import java.util.Base64
import kotlinx.serialization.json.Json
import kotlinx.serialization.json.jsonObject
import kotlinx.serialization.json.jsonPrimitive

private val PIN = "1234".toCharArray()

/**
 * Run in a JVM of its own, with `SOFTHSM2_CONF` in its environment: puts the merchant's key of a sandbox into a SoftHSM2 token and places an
 * order with it. Arguments: the token's library, a folder, the sandbox's `credentials.json`.
 */
fun main(arguments: Array<String>) {
    val (library, folder, sandbox) = arguments
    val credentials = Json.parseToJsonElement(Files.readString(Path.of(sandbox))).jsonObject
    fun credential(name: String) = credentials.getValue(name).jsonPrimitive.content

    val settings = Path.of(folder, "pkcs11.cfg")
    Files.writeString(settings, "name = SoftHSM\nlibrary = $library\nslotListIndex = 0\nattributes(import, CKO_PRIVATE_KEY, *) = { CKA_EXTRACTABLE = false\n CKA_SENSITIVE = true }\n")
    val provider = Security.getProvider("SunPKCS11").configure(settings.toString())
    Security.addProvider(provider)
    val store = KeyStore.getInstance("PKCS11", provider).apply { load(null, PIN) }
    val base64 = credential("merchant_private_key").lines().filterNot { it.startsWith("-----") }.joinToString("")
    val imported = KeyFactory.getInstance("RSA").generatePrivate(PKCS8EncodedKeySpec(Base64.getDecoder().decode(base64)))
    val certificate = CertificateFactory.getInstance("X.509").generateCertificate(credential("merchant_certificate").byteInputStream())
    store.setKeyEntry("merchant", imported, PIN, arrayOf(certificate))

    val key = store.getKey("merchant", PIN) as PrivateKey
    check(key.encoded == null) { "the key can be read from the token" }
    Client {
        mchid(credential("mchid"))
        merchantCertificate(credential("merchant_certificate"))
        apiV3Key(credential("api_v3_key"))
        wechatpayPublicKey(credential("wechatpay_public_key_id"), credential("wechatpay_public_key"))
        baseUrl(credential("base_url"))
        signer(Signer.of(key))
    }.use { client ->
        val body = """{"appid":"${credential("appid")}","description":"tea","out_trade_no":"KT-TOKEN","notify_url":"https://shop.example/notify","amount":{"total":1}}"""
        println("ORDER BY TOKEN " + client.call("payments.native.prepay", body))
    }
}
