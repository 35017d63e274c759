//! How many methods a class file has; the format is in chapter 4 of the JVM's specification.

/// Methods of a class file, or none when it is not one.
pub(super) fn methods(class: &[u8]) -> Option<usize> {
    let mut reader = Reader(class);
    if reader.u32()? != 0xcafe_babe {
        return None;
    }
    reader.skip(4)?;
    let constants = reader.u16()?;
    let mut index = 1;
    while index < constants {
        let wide = match reader.u8()? {
            1 => {
                let length = reader.u16()?;
                reader.skip(length)?;
                false
            }
            3 | 4 | 9..=12 | 17 | 18 => reader.skip(4).map(|()| false)?,
            // A long or a double takes two places.
            5 | 6 => reader.skip(8).map(|()| true)?,
            7 | 8 | 16 | 19 | 20 => reader.skip(2).map(|()| false)?,
            15 => reader.skip(3).map(|()| false)?,
            _ => return None,
        };
        index += if wide { 2 } else { 1 };
    }
    reader.skip(6)?; // flags, this class, its super class
    let interfaces = reader.u16()?;
    reader.skip(2 * interfaces)?;
    let fields = reader.u16()?;
    for _ in 0..fields {
        reader.skip(6)?;
        let attributes = reader.u16()?;
        for _ in 0..attributes {
            reader.skip(2)?;
            let length = reader.u32()?;
            reader.skip(usize::try_from(length).ok()?)?;
        }
    }
    reader.u16()
}

struct Reader<'a>(&'a [u8]);

impl Reader<'_> {
    fn skip(&mut self, bytes: usize) -> Option<()> {
        self.0 = self.0.get(bytes..)?;
        Some(())
    }

    fn u8(&mut self) -> Option<u8> {
        let (first, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(*first)
    }

    fn u16(&mut self) -> Option<usize> {
        Some(usize::from(self.u8()?) << 8 | usize::from(self.u8()?))
    }

    fn u32(&mut self) -> Option<u32> {
        let (bytes, rest) = self.0.split_first_chunk::<4>()?;
        self.0 = rest;
        Some(u32::from_be_bytes(*bytes))
    }
}

#[cfg(test)]
mod tests {
    use super::methods;

    #[test]
    fn methods_are_counted() {
        // One constant of eight bytes (two places) and one text, one field with one attribute, three methods.
        let mut class = vec![0xca, 0xfe, 0xba, 0xbe, 0, 0, 0, 61, 0, 4];
        class.extend([5, 0, 0, 0, 0, 0, 0, 0, 1, 1, 0, 2, b'a', b'b']);
        class.extend([0, 0, 0, 0, 0, 0, 0, 0, 0, 1]);
        class.extend([0, 0, 0, 0, 0, 0, 0, 1, 0, 3, 0, 0, 0, 1, 9]);
        class.extend([0, 3]);
        assert_eq!(methods(&class), Some(3));
        assert_eq!(methods(b"PK"), None);
        assert_eq!(methods(&class[..20]), None);
    }
}
