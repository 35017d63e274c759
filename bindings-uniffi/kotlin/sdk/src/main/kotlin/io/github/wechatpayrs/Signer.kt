package io.github.wechatpayrs

import java.security.MessageDigest
import java.security.PrivateKey
import java.security.Signature
import javax.crypto.Cipher

/**
 * Signs in place of a private key: in front of a KMS or an HSM. Given to [ClientBuilder.signer].
 *
 * It is called on the thread that makes the call, on several at a time, and may block: give it a time-out of its own. What it throws is the
 * cause of a [SigningException], and nothing was sent. With the merchant's certificate among the options, a signature of another key is
 * found at the first call, before anything is sent.
 */
public fun interface Signer {
    /** The signature of the message: RSASSA-PKCS1-v1_5 with SHA-256. */
    public fun sign(message: ByteArray): ByteArray

    /** The plain text of a sensitive field of an answer: RSAES-OAEP with SHA-1. Without it such fields are a [DecryptionException]. */
    public fun decrypt(ciphertext: ByteArray): ByteArray =
        throw UnsupportedOperationException("the signer has no method decrypt, so that sensitive fields stay closed")

    public companion object {
        /** For a service that signs digests: [sign] gets the SHA-256 of the message, 32 bytes. */
        @JvmStatic
        public fun ofDigests(sign: Signer): Signer = object : Signer {
            override fun sign(message: ByteArray): ByteArray = sign.sign(MessageDigest.getInstance("SHA-256").digest(message))

            override fun decrypt(ciphertext: ByteArray): ByteArray = sign.decrypt(ciphertext)
        }

        /**
         * For a key of any provider of the JDK's cryptography: SunPKCS11's, or that of a cloud's HSM. It need not be extractable. Sensitive
         * fields need a provider that has `RSA/ECB/OAEPWithSHA-1AndMGF1Padding`; SunPKCS11 has not.
         */
        @JvmStatic
        public fun of(key: PrivateKey): Signer = object : Signer {
            // The JDK chooses the provider by the key.
            override fun sign(message: ByteArray): ByteArray = Signature.getInstance("SHA256withRSA").run {
                initSign(key)
                update(message)
                sign()
            }

            override fun decrypt(ciphertext: ByteArray): ByteArray = Cipher.getInstance("RSA/ECB/OAEPWithSHA-1AndMGF1Padding").run {
                init(Cipher.DECRYPT_MODE, key)
                doFinal(ciphertext)
            }
        }
    }
}
