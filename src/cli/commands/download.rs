//! `guild download`: a file from elsewhere, for resources that name its URL.

use clap::Args as ClapArgs;

use crate::base::digest;
use crate::cli::Context;
use crate::cli::download_progress::DownloadProgress;
use crate::cli::failure::Failure;
use crate::resolve::download;

/// Download a file that resources use.
///
/// The file at URL is kept in Guild home, where runs find it whose operations
/// require the same URL: what a guild file has after 'url:' must be written in
/// exactly the same way. Shows the SHA-256 digest of the file and where it is.
///
/// A file that is there already is not downloaded again. Delete it to get it
/// anew.
///
/// Compare the digest with what the publisher of the file says, above all for
/// what you are going to run, and write it after 'sha256:' in the guild file:
/// operations then refuse any other file.
///
/// A download that breaks off goes on where it was, if the server can do that.
/// A server that sends nothing for 60 seconds is given up; set the variable
/// GUILD_DOWNLOAD_TIMEOUT to wait for another number of seconds. Proxies are
/// those that http_proxy, https_proxy, all_proxy and no_proxy name.
///
/// # Examples
///
/// Download a file before you go where there is no network:
///
///     guild download https://example.com/data/train.zip
#[derive(Debug, ClapArgs)]
#[command(verbatim_doc_comment, args_override_self = true)]
pub struct Args {
    /// Where the file is: an http, https or file URL.
    #[arg(value_name = "URL", required = true)]
    url: String,
}

/// Downloads a file.
///
/// # Errors
/// The file cannot be had or not be written.
pub fn main(args: &Args, context: &Context) -> Result<(), Failure> {
    let progress = DownloadProgress::new(context);
    let mut tell = |notice| progress.tell(notice);
    let path = download::download(&args.url, None, &context.home, &mut tell)
        .map_err(|error| Failure::error(format!("error downloading {}: {error}", args.url)))?;
    let sha256 = digest::sha256_of_file(&path)?;
    context
        .console
        .line(&format!("{sha256}  {}", path.display()));
    Ok(())
}
