package program;

import io.github.wechatpayrs.growth.Amount;
import io.github.wechatpayrs.growth.CreateRequest;
import io.github.wechatpayrs.growth.Goods;
import io.github.wechatpayrs.growth.State;
import java.util.List;

/** The same from Java. */
public final class FromJava {
    public static String run() {
        CreateRequest request = CreateRequest.builder().out_no("1").note("tea").state(State.OPEN)
                .amount(Amount.builder().total(100L).build()).goods(List.of(Goods.builder().name("cup").build())).build();
        return request.json() + " " + request.getAmount().getTotal() + " " + request.getGoods().get(0).getName();
    }
}
