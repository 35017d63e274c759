#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| wechatpay_tests::fuzzing::answer(data));
