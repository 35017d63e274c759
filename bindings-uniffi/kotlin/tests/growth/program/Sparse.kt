package program

import io.github.wechatpayrs.growth.Amount
import io.github.wechatpayrs.growth.CreateRequest

/** Leaves out a field that is required later: once compiled, this must go on running. */
object Sparse {
    @JvmStatic
    fun run(): String = CreateRequest(out_no = "1", amount = Amount(total = 100)).json.toString()
}
