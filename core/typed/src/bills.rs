//! From the answer that announces a bill to the file.

use std::io::Write;
use std::path::Path;

use wechatpay_core::Result;
use wechatpay_core::download::{Download, Downloaded};

use crate::api::bills::{BillFile, Bills, EncryptedBillFile};

impl BillFile {
    /// The announced file as a [`Download`], with its hash; to set limits or watch the progress before
    /// [`Client::download`](crate::Client::download).
    ///
    /// # Errors
    /// As for [`Download::announced`].
    pub fn to_download(&self) -> Result<Download> {
        Download::announced(self.json())
    }
}

impl EncryptedBillFile {
    /// This part of an encrypted bill as a [`Download`], for [`Client::download_to_path`](crate::Client::download_to_path): it is
    /// decrypted while it is fetched, and compared with its hash. The parts in the order of `bill_sequence` are the bill.
    ///
    /// # Errors
    /// As for [`Download::announced`].
    pub fn to_download(&self) -> Result<Download> {
        Download::announced(self.json())
    }
}

impl Bills<'_> {
    /// Fetches an announced bill into a writer, decompressed and checked against the announced SHA-1; memory stays
    /// flat. Call it right after [`trade_bill`](Self::trade_bill) or [`fund_flow_bill`](Self::fund_flow_bill): the URL
    /// is good for minutes only.
    ///
    /// The writer has got bytes before they could be checked: they are the bill only when this returns without an error.
    ///
    /// # Errors
    /// As for [`Client::download`](crate::Client::download), and for [`BillFile::to_download`].
    pub fn download<W: Write + ?Sized>(&self, file: &BillFile, out: &mut W) -> Result<Downloaded> {
        self.client.download(&file.to_download()?, out)
    }

    /// Fetches an announced bill to this path, which appears only when the bill is whole, checked and on the disk. Read
    /// it with [`BillReader`](crate::bill::BillReader).
    ///
    /// ```no_run
    /// # fn example(client: &wechatpay::Client) -> Result<(), Box<dyn std::error::Error>> {
    /// use wechatpay::Api;
    /// use wechatpay::api::bills::{TarType, TradeBillRequest};
    /// use wechatpay::bill::BillReader;
    ///
    /// let bills = client.bills();
    /// let announced = bills.trade_bill(&TradeBillRequest::new().with_bill_date("2026-08-08").with_tar_type(TarType::Gzip))?;
    /// bills.download_to_path(&announced, "2026-08-08.csv")?;
    /// let file = std::io::BufReader::new(std::fs::File::open("2026-08-08.csv")?);
    /// for row in BillReader::trade(file)? {
    ///     let row = row?;
    ///     println!("{:?}: {:?} fen", row.trade()?.out_trade_no(), row.trade()?.total()?);
    /// }
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// As for [`Client::download_to_path`](crate::Client::download_to_path), and for [`BillFile::to_download`].
    pub fn download_to_path(&self, file: &BillFile, path: impl AsRef<Path>) -> Result<Downloaded> {
        self.client.download_to_path(&file.to_download()?, path)
    }
}
