package io.github.wechatpayrs.tests

import java.security.KeyFactory
import java.security.KeyPair
import java.security.KeyPairGenerator
import java.security.PublicKey
import java.security.Signature
import java.security.interfaces.RSAPrivateCrtKey
import java.security.spec.PKCS8EncodedKeySpec
import java.security.spec.RSAPublicKeySpec
import java.time.Instant
import java.util.Base64
import javax.crypto.Cipher
import javax.crypto.spec.GCMParameterSpec
import javax.crypto.spec.SecretKeySpec
import kotlinx.serialization.json.JsonArray
import kotlinx.serialization.json.JsonElement
import kotlinx.serialization.json.JsonObject
import kotlinx.serialization.json.JsonPrimitive
import kotlinx.serialization.json.buildJsonObject
import kotlinx.serialization.json.put
import kotlinx.serialization.json.putJsonObject

/** Signs and encrypts as WeChat Pay does, with the JDK's cryptography: none of it is ours. */
internal class Platform(private val apiV3Key: String, private val merchant: PublicKey) {
    private val keys: KeyPair = KeyPairGenerator.getInstance("RSA").apply { initialize(2048) }.generateKeyPair()

    /** PEM text of the key that verifies what this signs. */
    val publicKey: String = pem("PUBLIC KEY", keys.public.encoded)

    /** Headers of an answer or a notification with this body, now. */
    fun headers(body: String): Map<String, String> {
        val timestamp = Instant.now().epochSecond.toString()
        val signature = Signature.getInstance("SHA256withRSA").apply {
            initSign(keys.private)
            update("$timestamp\n$NONCE\n$body\n".toByteArray())
        }.sign()
        return headers(timestamp, Base64.getEncoder().encodeToString(signature))
    }

    /** The body of a notification that holds this resource. */
    fun notification(eventType: String, originalType: String?, resource: JsonElement): String {
        val cipher = Cipher.getInstance("AES/GCM/NoPadding")
        cipher.init(Cipher.ENCRYPT_MODE, SecretKeySpec(apiV3Key.toByteArray(), "AES"), GCMParameterSpec(128, NONCE.toByteArray()))
        cipher.updateAAD("transaction".toByteArray())
        val sealed = cipher.doFinal(resource.toString().toByteArray())
        return buildJsonObject {
            put("id", "EV-2018022511223320873")
            put("create_time", "2015-05-20T13:29:35+08:00")
            put("event_type", eventType)
            put("resource_type", "encrypt-resource")
            put("summary", "支付成功")
            putJsonObject("resource") {
                put("original_type", originalType ?: "anything")
                put("algorithm", "AEAD_AES_256_GCM")
                put("ciphertext", Base64.getEncoder().encodeToString(sealed))
                put("associated_data", "transaction")
                put("nonce", NONCE)
            }
        }.toString()
    }

    /** A sensitive field as the merchant receives it. */
    fun encrypted(text: String): String {
        val cipher = Cipher.getInstance("RSA/ECB/OAEPWithSHA-1AndMGF1Padding").apply { init(Cipher.ENCRYPT_MODE, merchant) }
        return Base64.getEncoder().encodeToString(cipher.doFinal(text.toByteArray()))
    }

    companion object {
        const val SERIAL = "PUB_KEY_ID_0000000000000024101100397200000006"
        private const val NONCE = "nonce-of-12b"

        fun headers(timestamp: String, signature: String): Map<String, String> = mapOf(
            "Wechatpay-Serial" to SERIAL,
            "Wechatpay-Timestamp" to timestamp,
            "Wechatpay-Nonce" to NONCE,
            "Wechatpay-Signature" to signature,
        )

        /** The public half of a private key in PEM. */
        fun publicHalf(privatePem: String): PublicKey {
            val base64 = privatePem.lines().filterNot { it.startsWith("-----") }.joinToString("")
            val factory = KeyFactory.getInstance("RSA")
            val key = factory.generatePrivate(PKCS8EncodedKeySpec(Base64.getDecoder().decode(base64))) as RSAPrivateCrtKey
            return factory.generatePublic(RSAPublicKeySpec(key.modulus, key.publicExponent))
        }

        private fun pem(what: String, der: ByteArray): String =
            "-----BEGIN $what-----\n${Base64.getMimeEncoder(64, byteArrayOf(10)).encodeToString(der)}\n-----END $what-----\n"
    }
}

/** The value with the texts at these places (JSON Pointers) encrypted. */
internal fun sealed(value: JsonElement, places: Set<String>, encrypt: (String) -> String, at: String = ""): JsonElement = when {
    value is JsonObject -> JsonObject(value.mapValues { (name, part) -> sealed(part, places, encrypt, "$at/$name") })
    value is JsonArray -> JsonArray(value.mapIndexed { index, part -> sealed(part, places, encrypt, "$at/$index") })
    at in places -> JsonPrimitive(encrypt((value as JsonPrimitive).content))
    else -> value
}
