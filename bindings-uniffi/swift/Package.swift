// swift-tools-version: 5.9
// The package as `cargo xtask dist swift` completes it: with lib/libwechatpay_uniffi.a, the header and the glue that uniffi
// prints. On Apple's platforms a WeChatPayFFI.xcframework beside this file is used instead of lib/.

import Foundation
import PackageDescription

let folder = Context.packageDirectory
let hasFramework = FileManager.default.fileExists(atPath: folder + "/WeChatPayFFI.xcframework")

let native: Target = hasFramework
    ? .binaryTarget(name: "WeChatPayFFI", path: "WeChatPayFFI.xcframework")
    : .systemLibrary(name: "WeChatPayFFI", path: "Sources/WeChatPayFFI")

// The static library's own needs; a framework brings them along.
let linking: [LinkerSetting] = hasFramework ? [] : [
    .unsafeFlags(["-L\(folder)/lib"]),
    .linkedLibrary("pthread", .when(platforms: [.linux])),
    .linkedLibrary("dl", .when(platforms: [.linux])),
    .linkedLibrary("m", .when(platforms: [.linux])),
    .linkedFramework("Security", .when(platforms: [.macOS, .iOS])),
    .linkedFramework("CoreFoundation", .when(platforms: [.macOS, .iOS])),
]

// Every folder of `Sources/Families` is a product family: a target over the common one, and a product that an app can
// depend on alone. `WeChatPay` is all of them.
let families = try FileManager.default.contentsOfDirectory(atPath: folder + "/Sources/Families").sorted()
let familyNames = families.map { "WeChatPay\($0)" }

let package = Package(
    name: "WeChatPay",
    platforms: [.macOS(.v12), .iOS(.v15)],
    products: (["WeChatPay"] + familyNames).map { .library(name: $0, targets: [$0]) },
    targets: [
        native,
        .target(name: "WeChatPayNative", dependencies: ["WeChatPayFFI"], linkerSettings: linking),
        .target(name: "WeChatPayCore", dependencies: ["WeChatPayNative"]),
        .target(name: "WeChatPay", dependencies: familyNames.map { .init(stringLiteral: $0) }),
        .testTarget(name: "WeChatPayTests", dependencies: ["WeChatPay"]),
    ] + families.map { family in
        .target(name: "WeChatPay\(family)", dependencies: ["WeChatPayCore"], path: "Sources/Families/\(family)")
    }
)
