package io.github.wechatpayrs.junit5

import io.github.wechatpayrs.Client
import org.junit.jupiter.api.extension.BeforeEachCallback
import org.junit.jupiter.api.extension.ExtendWith
import org.junit.jupiter.api.extension.ExtensionContext
import org.junit.jupiter.api.extension.ParameterContext
import org.junit.jupiter.api.extension.ParameterResolver

/**
 * Gives a test class a sandbox: parameters of type [Sandbox] and [Client] are filled in. One sandbox serves all test
 * classes of a run and is empty (no orders, no faults) before each test.
 *
 * ```
 * @WithSandbox
 * class CheckoutTest {
 *     @Test
 *     fun `an order can be paid`(sandbox: Sandbox, client: Client) { … }
 * }
 * ```
 * Tests that share a sandbox must not run at the same time; JUnit does not unless it is told to.
 */
@Target(AnnotationTarget.CLASS)
@Retention(AnnotationRetention.RUNTIME)
@ExtendWith(SandboxExtension::class)
public annotation class WithSandbox

/** What [WithSandbox] stands for. */
public class SandboxExtension : ParameterResolver, BeforeEachCallback {
    private fun running(context: ExtensionContext): Running {
        val store = context.root.getStore(ExtensionContext.Namespace.create(SandboxExtension::class.java))
        return store.getOrComputeIfAbsent("sandbox", { Running() }, Running::class.java)
    }

    override fun beforeEach(context: ExtensionContext) {
        running(context).sandbox.control("POST", "/sandbox/reset", "{}")
    }

    override fun supportsParameter(parameter: ParameterContext, context: ExtensionContext): Boolean =
        parameter.parameter.type == Sandbox::class.java || parameter.parameter.type == Client::class.java

    override fun resolveParameter(parameter: ParameterContext, context: ExtensionContext): Any {
        val running = running(context)
        return if (parameter.parameter.type == Client::class.java) running.client else running.sandbox
    }

    /** Ended by JUnit after the last test of the run. */
    @Suppress("DEPRECATION")
    private class Running : ExtensionContext.Store.CloseableResource, AutoCloseable {
        val sandbox: Sandbox = Sandbox.start()
        val client: Client = sandbox.client()

        override fun close() {
            client.close()
            sandbox.close()
        }
    }
}
