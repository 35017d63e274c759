package program

import io.github.wechatpayrs.growth.Goods

/** A name that is missing: this must not compile, for a field may come before the one that is meant. */
val goods: Goods = Goods("cup")
