package io.github.wechatpayrs

import com.sun.jna.Platform
import io.github.wechatpayrs.ffi.NativeException
import java.nio.charset.CharacterCodingException

/** Calls into the library, and turns what comes out into this package's exceptions. */
internal inline fun <T> native(call: () -> T): T = try {
    call()
} catch (error: NativeException.Failed) {
    throw exceptionOf(ErrorFields.parse(error.json))
} catch (error: io.github.wechatpayrs.ffi.InternalException) {
    throw bug(error)
} catch (error: CharacterCodingException) {
    // uniffi encodes strictly: half of a surrogate pair is no character.
    throw invalidRequest("UNSUPPORTED_CHARACTER", "A text is not valid Unicode: it holds half of a surrogate pair.").initCause(error)
} catch (error: IllegalStateException) {
    // What uniffi throws for an object that was closed.
    throw exceptionOf(ErrorFields(ErrorKind.CLOSED, "CLOSED", "This was closed. Make a new one, or close it later.")).initCause(error)
} catch (error: UnsatisfiedLinkError) {
    throw missing(error)
} catch (error: NoClassDefFoundError) {
    throw missing(error)
} catch (error: ExceptionInInitializerError) {
    throw missing(error.cause ?: error)
}

/** A panic in Rust, which is a bug of ours. */
internal fun bug(cause: Throwable): Throwable = exceptionOf(
    ErrorFields(
        ErrorKind.INTERNAL,
        ErrorCodes.PANIC,
        "A bug in wechatpay-rs made this call fail (${cause.message}); please report it. The call may have taken effect.",
        outcomeUnknown = true,
    ),
).initCause(cause)

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
