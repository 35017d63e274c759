package io.github.wechatpayrs

import java.time.DateTimeException
import java.time.OffsetDateTime
import java.time.format.DateTimeFormatter
import kotlinx.serialization.json.Json

/** The core writes plain JSON, with numbers that do not fit as texts (docs/adr/0016). */
internal val JSON: Json = Json

/** RFC 3339 as the API has it: to the second, or to the millisecond where there are some. */
internal object Timestamp {
    private val seconds = DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ssXXX")
    private val milliseconds = DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss.SSSXXX")

    fun format(time: OffsetDateTime): String = (if (time.nano < 1_000_000) seconds else milliseconds).format(time)

    /** Null when the text is no RFC 3339 time. */
    fun parse(text: String): OffsetDateTime? = try {
        OffsetDateTime.parse(text)
    } catch (_: DateTimeException) {
        null
    }
}
