package program

import io.github.wechatpayrs.growth.Amount
import io.github.wechatpayrs.growth.CreateRequest
import io.github.wechatpayrs.growth.Goods
import io.github.wechatpayrs.growth.ListRequest
import io.github.wechatpayrs.growth.Order
import io.github.wechatpayrs.growth.State

/** Gives everything that there was before: this must go on compiling, and come to the same. */
object Program {
    @JvmStatic
    fun run(): String {
        val request = CreateRequest(
            out_no = "1", note = "tea", state = State.OPEN, amount = Amount(total = 100), goods = listOf(Goods(name = "cup")),
        )
        val order = Order(request.json)
        return "${request.json} ${ListRequest(limit = 5).json} ${order.out_no} ${order.amount?.total} ${request.toBuilder().state(null).build().json}"
    }
}
