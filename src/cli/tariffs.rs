//! `ksnik import tariffs`: reads a price list into a draft, and tells every cell that it could not take.

use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use chrono::NaiveDate;

use super::import::{REFUSED, keep_apart, refusal};
use super::{Common, assemble, context, open, told};
use crate::api::problem;
use crate::domain::sheets::{Cell, Sheet, SheetFormat};
use crate::domain::tariff_files::{self, Mapping, RowFault, TariffFile};
use crate::domain::texts::{Language, Texts};
use crate::domain::time::DateRange;
use crate::error::Fault;
use crate::service::imports;
use crate::service::tariffs::{self, Added, Head};

/// So many faults are shown; all of them go into the file of `--errors`.
const SHOWN: usize = 20;
/// A larger file is no price list, and would be held in memory.
const LARGEST: u64 = 64 << 20;

#[derive(clap::Args)]
pub struct Tariffs {
    /// A price list: CSV in UTF-8, or XLSX.
    file: PathBuf,
    /// A TOML file that says what stands where; without one the headings are those of `POST /tariff-schedules/{id}/items`.
    #[arg(long, value_name = "FILE")]
    mapping: Option<PathBuf>,
    /// The name of the schedule. Where there is a draft of this name with the same dates and percentage, its prices are added to or replaced.
    #[arg(long, value_name = "NAME", value_parser = name)]
    schedule: String,
    /// The first day of the schedule.
    #[arg(long, value_name = "DATE")]
    valid_from: NaiveDate,
    /// The last day; if none is given, until another schedule takes its place.
    #[arg(long, value_name = "DATE")]
    valid_to: Option<NaiveDate>,
    /// What is paid of a price, in whole per cent.
    #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(i32).range(1..=200))]
    payment_percent: i32,
    /// The admin in whose name it is written, and who may therefore not publish it.
    #[arg(long = "as", value_name = "USERNAME")]
    by: String,
    /// Read and judge the file, and store nothing.
    #[arg(long)]
    dry_run: bool,
    /// Write every fault to this file: line, column, code, message.
    #[arg(long, value_name = "FILE")]
    errors: Option<PathBuf>,
    /// The language of messages: id or en.
    #[arg(long, default_value = "id")]
    language: Language,
}

fn name(text: &str) -> Result<String, String> {
    let text = text.trim();
    if (1..=200).contains(&text.chars().count()) { Ok(text.to_owned()) } else { Err("a name has 1 to 200 characters".into()) }
}

impl Tariffs {
    pub fn run(self, common: &Common) -> Result<ExitCode, String> {
        keep_apart(self.errors.as_deref(), &self.file)?;
        let app = assemble(common.settings(&[("log.level", "warn".into())])?)?;
        let (texts, regions) = (&app.city.texts, &app.city.regions);
        let mapping = match &self.mapping {
            None => Mapping::by_name(),
            Some(path) => {
                let text = fs::read_to_string(path).map_err(|error| at(path, &error))?;
                let faults = |faults: Vec<_>| faults.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n");
                Mapping::load(&path.display().to_string(), &text, regions).map_err(faults)?
            }
        };
        if fs::metadata(&self.file).map_err(|error| at(&self.file, &error))?.len() > LARGEST {
            return Err(at(&self.file, &"larger than 64 MiB, which no price list is"));
        }
        let content = fs::read(&self.file).map_err(|error| at(&self.file, &error))?;
        let file = match tariff_files::read(&content, &mapping, regions) {
            Ok(file) => file,
            Err(faults) => {
                let lines: Vec<String> = faults.iter().map(|found| refusal(texts, self.language, &imports::fault(found))).collect();
                eprintln!("{}: nothing was imported.\n{}", self.file.display(), lines.join("\n"));
                return Ok(ExitCode::from(REFUSED));
            }
        };
        self.report(texts, &file)?;
        let mut db = open(&app)?;
        let caller = imports::admin(&mut db, &self.by).map_err(|error| error.to_string())?.ok_or("--as names nobody who is an active admin")?;
        let range = DateRange { from: self.valid_from, to: self.valid_to };
        let head = Head { name: self.schedule.clone(), range, payment_percent: self.payment_percent };
        let TariffFile { entries, faults, rows, repeated } = &file;
        println!("Read {rows} lines: {} prices, {repeated} of them more than once, {} faults.", entries.len(), faults.len());
        if self.dry_run {
            println!("Dry run: nothing was stored.");
        } else if !entries.is_empty() {
            let context = context(&app).as_caller(caller);
            let Added { schedule, added, replaced, unchanged } =
                tariffs::add_to_named(&mut db, &context, &head, entries).map_err(|error| told(&app, &error))?;
            println!(
                "Draft {} ({}): added {added}, replaced {replaced}, unchanged {unchanged}; it has {}.",
                schedule.name, schedule.id, schedule.item_count
            );
            println!("Another admin looks it over and publishes it: POST /api/v1/tariff-schedules/{}/publish", schedule.id);
        }
        Ok(if faults.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
    }

    /// Shows the first faults and writes all of them where that is wanted.
    fn report(&self, texts: &Texts, file: &TariffFile) -> Result<(), String> {
        for found in file.faults.iter().take(SHOWN) {
            let fault = with_column(found);
            eprintln!("{}", refusal(texts, self.language, &fault));
        }
        if file.faults.len() > SHOWN {
            eprintln!("  and {} more", file.faults.len() - SHOWN);
        }
        let Some(path) = &self.errors else { return Ok(()) };
        let output = BufWriter::new(File::create(path).map_err(|error| at(path, &error))?);
        let written = Sheet::begin(SheetFormat::Csv, output, "errors", &["line", "column", "code", "message"]).and_then(|mut sheet| {
            for found in &file.faults {
                let (message, remedy) = problem::fault_texts(texts, self.language, found.code.as_str(), &with_column(found).args);
                let line = i64::try_from(found.line).unwrap_or(i64::MAX);
                sheet.row(&[line.into(), found.column.as_deref().into(), found.code.as_str().into(), Cell::from(format!("{message} {remedy}"))])?;
            }
            sheet.finish().and_then(|mut output| output.flush())
        });
        written.map_err(|error| at(path, &error))
    }
}

fn with_column(found: &RowFault) -> Fault {
    tariffs::fault(found).with("column", found.column.as_deref().unwrap_or_default())
}

fn at(path: &Path, error: &dyn std::fmt::Display) -> String {
    format!("{}: {error}", path.display())
}
