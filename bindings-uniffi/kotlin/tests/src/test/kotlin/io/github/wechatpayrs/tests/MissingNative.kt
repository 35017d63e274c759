package io.github.wechatpayrs.tests

import io.github.wechatpayrs.Client
import io.github.wechatpayrs.ConfigException

/** Run in a JVM of its own, where the native library cannot be found. */
fun main() {
    repeat(2) {
        try {
            Client.builder().build()
            println("no error")
        } catch (error: ConfigException) {
            println("${error.kind} ${error.code} ${error.message}")
        }
    }
}
