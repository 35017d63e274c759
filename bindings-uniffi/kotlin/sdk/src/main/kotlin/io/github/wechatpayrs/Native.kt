package io.github.wechatpayrs

import com.sun.jna.Platform

/** Calls into the library, and turns what goes wrong on the way into this package's exceptions. */
internal inline fun <T> native(call: () -> T): T = try {
    call()
} catch (error: UnsatisfiedLinkError) {
    throw missing(error)
} catch (error: NoClassDefFoundError) {
    throw missing(error)
} catch (error: ExceptionInInitializerError) {
    throw missing(error.cause ?: error)
}

/** The native library is not there, or another version's. */
internal fun missing(cause: Throwable): Throwable = exceptionOf(
    ErrorFields(
        ErrorKind.CONFIG,
        "NATIVE_LIBRARY",
        "The native library for ${Platform.RESOURCE_PREFIX} cannot be loaded: ${cause.message}. Use a wechatpay-rs jar that " +
            "holds ${Platform.RESOURCE_PREFIX}/${System.mapLibraryName("wechatpay_uniffi")}, or build it with `cargo build --release " +
            "--manifest-path bindings-uniffi/Cargo.toml` and name its folder with -Djna.library.path. On Alpine Linux use an image with glibc.",
    ),
).initCause(cause)
