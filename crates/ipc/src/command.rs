//! The commands, in one table: name, arguments, result, and the function that does it. The enum, the
//! dispatch and the TypeScript come from it.

use crate::{UserError, commands::*};
use quire_workbench::Workbench;
use serde::Deserialize;
use serde_json::Value;

/// One command in TypeScript: its name, its description, its arguments and its result.
pub(crate) struct Signature {
    pub(crate) name: &'static str,
    pub(crate) doc: &'static str,
    pub(crate) arguments: String,
    pub(crate) result: String,
}

macro_rules! commands {
    ($($(#[doc = $doc:literal])+ $variant:ident($arguments:ty) -> $result:ty = $function:path;)*) => {
        /// What a window may ask for.
        #[derive(Debug, Deserialize)]
        #[serde(tag = "command", content = "arguments", rename_all = "camelCase")]
        pub enum Command {
            $($(#[doc = $doc])+ $variant($arguments),)*
        }

        /// Do it. Takes as long as it takes: not for a thread that others wait for.
        pub fn run(workbench: &Workbench, command: Command) -> Result<Value, UserError> {
            match command {
                $(Command::$variant(arguments) => {
                    let result: $result = $function(workbench, arguments)?;
                    Ok(serde_json::to_value(result).unwrap_or_default())
                })*
            }
        }

        pub(crate) fn signatures() -> Vec<Signature> {
            let config = ts_rs::Config::default();
            vec![$(Signature {
                name: stringify!($variant),
                doc: concat!($($doc),+),
                arguments: <$arguments as ts_rs::TS>::name(&config),
                result: <$result as ts_rs::TS>::name(&config),
            }),*]
        }

        pub(crate) fn collect(types: &mut crate::typescript::Types) {
            $(types.add::<$arguments>(); types.add::<$result>();)*
        }
    };
}

commands! {
    /// The projects on a shelf.
    ListProjects(projects::ListProjects) -> quire_workbench::GalleryPage = projects::list;
    /// Projects whose texts hold some words.
    SearchEverywhere(projects::SearchEverywhere) -> Vec<quire_workbench::FoundProject> = projects::search_everywhere;
    /// What a project can begin with.
    Templates(()) -> Vec<quire_workbench::TemplateCard> = exchange::templates;
    /// What lies at places on the disk.
    LookAtPlaces(exchange::Places) -> Vec<quire_workbench::PlaceKind> = exchange::look;
    /// Make projects of archives, folders (copied) and files.
    ImportProjects(exchange::ImportProjects) -> quire_workbench::Imported = exchange::import;
    /// Write all files of a project into a zip archive.
    ExportZip(exchange::Export) -> quire_workbench::Exported = exchange::zip;
    /// Write the PDF of the last good build.
    ExportPdf(exchange::Export) -> quire_workbench::Exported = exchange::pdf;
    /// Write the sources as one file: a `.tex` alone, or a zip archive with all that it needs.
    ExportSource(exchange::Export) -> quire_workbench::Exported = exchange::source;
    /// End something that takes long.
    CancelTask(exchange::OneTask) -> () = exchange::cancel;
    /// Make a project of a template; without one, an article of a few lines.
    CreateProject(projects::CreateProject) -> quire_project::ProjectId = projects::create;
    /// Make a project of a folder on disk, which stays where it is.
    LinkFolder(projects::FolderPath) -> quire_project::ProjectId = projects::link_folder;
    /// Let a linked project live in another folder.
    Relink(projects::Relink) -> () = projects::relink;
    /// Give a project another name.
    RenameProject(projects::NamedProject) -> () = projects::rename;
    /// Copy a project with its history.
    DuplicateProject(projects::NamedProject) -> quire_project::ProjectId = projects::duplicate;
    /// Archive a project, put it into the trash, or bring it back.
    SetShelf(projects::SetShelf) -> () = projects::set_shelf;
    /// Delete a project for good.
    DeleteProject(projects::OneProject) -> () = projects::delete;
    /// Give a project exactly these tags.
    SetTags(projects::SetTags) -> () = projects::set_tags;
    /// Open a project.
    OpenProject(projects::OneProject) -> quire_workbench::ProjectView = projects::open;
    /// Close a project in all windows.
    CloseProject(projects::OneProject) -> () = projects::close;

    /// Somebody is about to write in a line: the pages shall follow from the first key.
    AboutToWrite(build::LineOfFile) -> () = build::about_to_write;
    /// Wait until all that was edited is on the disk, or refused by it.
    Settle(()) -> quire_workbench::Settled = projects::settle;

    /// The global settings.
    GetSettings(()) -> quire_workbench::Settings = settings::get;
    /// Replace the global settings.
    SetSettings(settings::SetSettings) -> () = settings::set;
    /// Replace the settings of a project.
    SetProjectSettings(settings::SetProjectSettings) -> () = settings::set_project;

    /// Make a text file.
    CreateFile(files::CreateFile) -> () = files::create;
    /// Make a folder.
    CreateFolder(files::OneFile) -> () = files::create_folder;
    /// Copy files from the disk into a project.
    AddFiles(files::AddFiles) -> () = files::add;
    /// Move or rename a file or folder; what refers to it follows.
    MoveFile(files::MoveFile) -> quire_workbench::Moved = files::move_file;
    /// Put a file or folder into the project's trash.
    TrashFile(files::OneFile) -> () = files::trash;
    /// What is in the project's trash.
    TrashedFiles(projects::OneProject) -> Vec<quire_workbench::TrashedFile> = files::trashed;
    /// Take a file out of the trash; where it is now.
    RestoreFile(files::RestoreFile) -> quire_project::ProjectPath = files::restore;
    /// Delete files of the project's trash for good.
    DeleteTrashed(files::DeleteTrashed) -> () = files::delete_trashed;
    /// Choose the file that is built; none to let it be found.
    SetRoot(files::SetRoot) -> () = files::set_root;
    /// Find in all texts.
    Search(files::Search) -> quire_workbench::SearchResult = files::search;
    /// Replace in all texts, or in those given.
    ReplaceAll(files::ReplaceAll) -> files::Replaced = files::replace_all;

    /// Build now.
    Build(build::Build) -> () = build::build;
    /// End the build that runs.
    CancelBuild(projects::OneProject) -> () = build::cancel;
    /// Choose the engine.
    SetEngine(build::SetEngine) -> () = build::set_engine;
    /// Whether TeX Live's engines can build on this computer, and what is missing.
    TexLive(()) -> quire_workbench::TexLiveState = build::tex_live;
    /// How much the builds of a project may use up.
    BuildLimits(projects::OneProject) -> Vec<quire_workbench::BuildLimit> = build::limits;
    /// Set one of these bounds.
    SetBuildLimit(build::SetBuildLimit) -> () = build::set_limit;
    /// Let the document of a project run programs, inside the sandbox only, or no longer.
    AllowPrograms(build::AllowPrograms) -> () = build::allow_programs;
    /// Switch something on or off for builds with TeX Live's engines.
    SetBuildSwitch(build::SetBuildSwitch) -> () = build::set_switch;
    /// Clear what builds of a project left.
    ClearBuilds(projects::OneProject) -> quire_workbench::Cleared = build::clear;
    /// The log of the last build.
    BuildLog(projects::OneProject) -> String = build::log;
    /// Apply the fix of a problem: its place in the list, then among those it caused.
    ApplyFix(build::ApplyFix) -> () = build::apply_fix;
    /// Where a line of a source is on the pages.
    AreasOfLine(build::LineOfFile) -> Vec<quire_workbench::PageArea> = build::areas_of_line;
    /// The source of a point of a page.
    SourceAt(build::SourceAt) -> Option<quire_workbench::SourcePlace> = build::source_at;

    /// The words and links of a page.
    PageContents(pages::OnePage) -> quire_workbench::PageContents = pages::contents;
    /// The words and links of a page that has changed since the build.
    LivePageContents(pages::OneLivePage) -> quire_workbench::PageContents = pages::live_contents;
    /// The outline of the PDF.
    PdfOutline(pages::AllPages) -> Vec<quire_workbench::OutlineItem> = pages::outline;
    /// Find a text on the pages.
    FindOnPages(pages::FindOnPages) -> Vec<quire_workbench::PageMatch> = pages::find;

    /// The past of a file, the newest first: what this program keeps and what the relay does, as one list.
    Timeline(history::PartOfPast) -> quire_workbench::Timeline = history::timeline;
    /// What has changed in a file from one version to another, or to the present text.
    Compare(history::TwoVersions) -> quire_workbench::Comparison = history::compare;
    /// The version of a file that this program keeps of a time; none before it was made.
    VersionAt(history::AtTime) -> Option<quire_workbench::TextVersion> = history::version_at;
    /// Make a file what it was; the version that it had before.
    RestoreText(history::OneVersion) -> quire_workbench::TextVersion = history::restore;
    /// Give a version of a file a name.
    NameVersion(history::NameVersion) -> quire_workbench::NamedFor = history::name_version;
    /// Give all texts of a project a name as they are.
    NameProjectVersion(history::NameProjectVersion) -> quire_workbench::NamedFor = history::name_project;
    /// Who wrote what stands in a part of a file.
    WhoWrote(history::PartOfFile) -> quire_workbench::WhoWrote = history::who_wrote;

    /// Who is signed in at which relay.
    RelayAccounts(()) -> Vec<quire_workbench::RelayAccount> = relay::accounts;
    /// Sign in at a relay.
    SignIn(relay::SignIn) -> quire_workbench::RelayAccount = relay::sign_in;
    /// Through whom one can sign in at a relay, besides e-mail address and password.
    SignInWays(relay::OneRelay) -> Vec<quire_workbench::SignInWay> = relay::sign_in_ways;
    /// Begin to sign in through one of them: the address that the browser is to open.
    BeginBrowserSignIn(relay::SignInThrough) -> String = relay::begin_browser_sign_in;
    /// Wait until the browser comes back.
    FinishBrowserSignIn(()) -> quire_workbench::RelayAccount = relay::finish_browser_sign_in;
    /// Wait no more.
    GiveUpBrowserSignIn(()) -> () = relay::give_up_browser_sign_in;
    /// Sign out of a relay.
    SignOut(relay::AtRelay) -> () = relay::sign_out;
    /// The projects that somebody has at a relay.
    RelayProjects(relay::AtRelay) -> Vec<quire_workbench::RelayProject> = relay::projects;
    /// Share a project through a relay.
    ShareProject(relay::ProjectAtRelay) -> () = relay::share;
    /// Keep a project the same no more here and at its relay.
    StopSharing(projects::OneProject) -> () = relay::stop;
    /// Bring a project of a relay here.
    OpenFromRelay(relay::ProjectAtRelay) -> quire_project::ProjectId = relay::open;
    /// What a link or an invitation promises.
    LookAtLink(relay::PastedLink) -> quire_workbench::LinkOffer = relay::look;
    /// Come into a project by a link or an invitation.
    JoinByLink(relay::JoinByLink) -> quire_project::ProjectId = relay::join;
    /// Come into a project by a link, without an account.
    JoinAsGuest(relay::JoinAsGuest) -> quire_project::ProjectId = relay::join_as_guest;
    /// What those who are signed in are to know of, by relay, as was told last.
    Notifications(()) -> Vec<quire_workbench::AccountNotifications> = relay::notifications;
    /// Ask all relays for it now.
    AskForNotifications(()) -> () = relay::ask_for_notifications;
    /// Somebody has seen something that he is to know of.
    SeeNotification(relay::OneNotification) -> () = relay::see_notification;
    /// Somebody has seen all up to this one.
    SeeNotifications(relay::OneNotification) -> () = relay::see_notifications;
    /// How often somebody is sent letters about what he has not seen.
    Digest(relay::AtRelay) -> quire_workbench::Digest = relay::digest;
    /// Choose that.
    SetDigest(relay::SetDigest) -> () = relay::set_digest;
    /// Come into a project to which one was invited, and bring it here.
    AcceptInvitation(relay::AcceptInvitation) -> quire_project::ProjectId = relay::accept_invitation;
    /// Who shares a project, or may come into it.
    Sharers(projects::OneProject) -> quire_workbench::Sharers = relay::sharers;
    /// Make a link into a project; its address.
    MakeShareLink(relay::MakeLink) -> String = relay::make_link;
    /// Take a link back.
    RevokeShareLink(relay::RevokeLink) -> () = relay::revoke_link;
    /// Invite somebody by e-mail.
    Invite(relay::Invite) -> () = relay::invite;
    /// Take an invitation back.
    Uninvite(relay::OfProject) -> () = relay::uninvite;
    /// Give a member another role.
    SetMemberRole(relay::SetRole) -> () = relay::set_role;
    /// Make another member the owner.
    HandOver(relay::OfProject) -> () = relay::hand_over;
    /// Remove a member; oneself: leave.
    RemoveMember(relay::OfProject) -> () = relay::remove;
    /// Let files on their way to a relay and from it wait, or go on.
    StopTransfers(relay::StopTransfers) -> () = relay::stop_transfers;
    /// Ask a relay that was away again now.
    TryRelayAgain(projects::OneProject) -> () = relay::try_again;

    /// What could be written at a position.
    Complete(ide::AtPosition) -> quire_workbench::Completions = ide::complete;
    /// What is known of the thing at a position.
    Hover(ide::AtPosition) -> Option<quire_workbench::Hover> = ide::hover;
    /// Where the thing at a position is defined.
    Definition(ide::AtPosition) -> Vec<quire_workbench::Place> = ide::definition;
    /// All places that name the thing at a position.
    References(ide::AtPosition) -> Vec<quire_workbench::Place> = ide::references;
    /// What can be renamed at a position.
    Renamable(ide::AtPosition) -> Option<quire_workbench::Renamable> = ide::renamable;
    /// The edits that give the thing at a position a new name; nothing is edited yet.
    Rename(ide::Rename) -> Vec<quire_workbench::TextEdit> = ide::rename;
    /// Make edits in files, open or not.
    ApplyEdits(ide::ApplyEdits) -> () = ide::apply_edits;
    /// The outline of one file.
    FileOutline(files::OneFile) -> Vec<quire_workbench::OutlineEntry> = ide::file_outline;
    /// The outline of the document that a file belongs to.
    Outline(files::OneFile) -> Vec<quire_workbench::OutlineEntry> = ide::outline;
    /// What has a name in the project.
    Symbols(projects::OneProject) -> Vec<quire_workbench::ProjectSymbol> = ide::symbols;
    /// What folds in a file.
    Folds(files::OneFile) -> Vec<quire_workbench::FoldRange> = ide::folds;
    /// The words of the document that a file belongs to.
    WordCount(files::OneFile) -> quire_workbench::WordCount = ide::word_count;
    /// The words of a file that are not spelt right.
    Misspellings(files::OneFile) -> Vec<quire_workbench::SpellingMark> = ide::misspellings;
    /// What may have been meant by a word.
    SuggestSpelling(ide::Suggest) -> Vec<String> = ide::suggest;
    /// The languages that can be checked, as tags.
    SpellingLanguages(()) -> Vec<String> = ide::spelling_languages;
}
