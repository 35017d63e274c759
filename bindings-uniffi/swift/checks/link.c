/* The library that the package ships, called through the header that it ships: prints both versions. */
#include <stdio.h>

#include "WeChatPayFFI.h"

int main(void) {
    RustCallStatus status = {0};
    RustBuffer version = uniffi_wechatpay_uniffi_fn_func_native_version(&status);
    if (status.code != 0) {
        return 1;
    }
    printf("%u %.*s\n", (unsigned)ffi_wechatpay_uniffi_uniffi_contract_version(), (int)version.len, (const char *)version.data);
    ffi_wechatpay_uniffi_rustbuffer_free(version, &status);
    return status.code;
}
