// An AAR of the same sources, for point-of-sale devices. Not built where this is developed (no Android SDK); to build it:
//   (cd bindings-uniffi && cargo ndk -t arm64-v8a -t armeabi-v7a -t x86_64 -o kotlin/android/src/main/jniLibs build --release)
//   gradle -p bindings-uniffi/kotlin/android assembleRelease

plugins {
    id("com.android.library") version "9.0.0"
}

group = "io.github.wechatpay-rs"
version = "0.1.0"

android {
    namespace = "io.github.wechatpayrs"
    compileSdk = 36

    defaultConfig {
        // java.time without desugaring, and Reference.reachabilityFence.
        minSdk = 28
        consumerProguardFiles("consumer-rules.pro")
    }

    sourceSets.getByName("main") {
        java.srcDirs(
            "../sdk/src/main/kotlin",
            "../sdk/src/main/generated",
        )
        jniLibs.srcDirs("src/main/jniLibs")
    }

    compileOptions {
        sourceCompatibility = JavaVersion.VERSION_17
        targetCompatibility = JavaVersion.VERSION_17
    }
}

dependencies {
    api("org.jetbrains.kotlinx:kotlinx-serialization-json:1.12.0")
    // The AAR brings JNA's own native part for each ABI.
    implementation("net.java.dev.jna:jna:5.19.1@aar")
}
