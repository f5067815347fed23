//! What an author sets for the builds of one project: how much they may use up, and whether the document may run
//! programs. It is kept with the project on this computer and goes to no co-author: consent is one's own.

use super::Wish;
use crate::{ProjectSettings, Workbench, WorkbenchError, desk::Desk};
use quire_compile::build::{BuildOptions, EngineChoice, TexLive};
use quire_container::SandboxLimits;
use quire_project::ProjectId;
use quire_tex_engine::Limits;
use serde::{Deserialize, Serialize};
use std::{thread::available_parallelism, time::Duration};
use ts_rs::TS;

/// How a project is built on this computer.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase", default)]
pub struct BuildSettings {
    /// Whether the document may run programs.
    pub programs: Programs,
    /// Bounds, where they are not those of every project.
    pub limits: BuildLimits,
    /// See [`BuildSwitch::Draft`].
    pub draft: bool,
    /// See [`BuildSwitch::StopOnFirstError`].
    pub stop_on_first_error: bool,
}

/// What can be switched on for builds with TeX Live's engines. The built-in one is quick enough without, and its pages
/// follow each key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub enum BuildSwitch {
    /// Pictures are empty frames of their size.
    Draft,
    /// TeX stops at the first error, without pages.
    StopOnFirstError,
}

/// Whether a document may run programs, inside the sandbox only.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub enum Programs {
    /// Nobody has been asked: it may not.
    #[default]
    NotAsked,
    /// It may.
    Allowed,
    /// The author does not want it.
    Refused,
}

/// Bounds that an author has set.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase", default)]
pub struct BuildLimits {
    /// Memory, in megabytes.
    pub memory_mb: Option<u32>,
    /// Processors.
    pub processors: Option<u32>,
    /// Processes at once.
    pub processes: Option<u32>,
    /// Time of a build, in seconds.
    pub seconds: Option<u32>,
    /// What a build may write, in megabytes.
    pub output_mb: Option<u32>,
}

/// One of the bounds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub enum LimitName {
    /// [`BuildLimits::memory_mb`].
    MemoryMb,
    /// [`BuildLimits::processors`].
    Processors,
    /// [`BuildLimits::processes`].
    Processes,
    /// [`BuildLimits::seconds`].
    Seconds,
    /// [`BuildLimits::output_mb`].
    OutputMb,
}

/// A bound as a window shows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct BuildLimit {
    /// Which.
    pub name: LimitName,
    /// What is set for this project; the default holds without it.
    pub value: Option<u32>,
    /// What holds for every project.
    pub default: u32,
    /// The least that can be set.
    pub least: u32,
    /// The most.
    pub most: u32,
}

impl LimitName {
    /// Those that an engine heeds: the built-in one is a single process.
    fn of(engine: EngineChoice) -> &'static [Self] {
        use LimitName as L;
        match engine.is_tex_live() {
            true => &[L::MemoryMb, L::Processors, L::Processes, L::Seconds, L::OutputMb],
            false => &[L::MemoryMb, L::Seconds, L::OutputMb],
        }
    }

    fn words(self) -> &'static str {
        match self {
            Self::MemoryMb => "memory, in megabytes,",
            Self::Processors => "the number of processors",
            Self::Processes => "the number of processes",
            Self::Seconds => "the time, in seconds,",
            Self::OutputMb => "what a build may write, in megabytes,",
        }
    }

    /// The least and the most that can be set.
    fn range(self) -> (u32, u32) {
        match self {
            // The engine needs that for itself.
            Self::MemoryMb => (256, 65_536),
            Self::Processors => (1, processors_here()),
            // latexmk, TeX and one helper program, and who waits for them.
            Self::Processes => (32, 4_096),
            Self::Seconds => (5, 7_200),
            Self::OutputMb => (16, 16_384),
        }
    }

    fn default(self, engine: EngineChoice) -> u32 {
        let (of_engine, sandbox) = (Limits::default(), SandboxLimits::default());
        let mb = |bytes: u64| u32::try_from(bytes >> 20).unwrap_or(u32::MAX);
        match self {
            Self::MemoryMb => mb(of_engine.memory_bytes),
            Self::Processors => (sandbox.milli_cpus / 1000).min(processors_here()),
            Self::Processes => sandbox.processes,
            Self::Seconds => u32::try_from(of_engine.wall.as_secs()).unwrap_or(u32::MAX),
            Self::OutputMb if engine.is_tex_live() => mb(sandbox.build_bytes),
            Self::OutputMb => mb(of_engine.output_bytes),
        }
    }
}

/// A runtime refuses a container that may use more processors than there are.
fn processors_here() -> u32 {
    available_parallelism().ok().and_then(|count| u32::try_from(count.get()).ok()).unwrap_or(1)
}

impl BuildLimits {
    fn slot(&mut self, name: LimitName) -> &mut Option<u32> {
        match name {
            LimitName::MemoryMb => &mut self.memory_mb,
            LimitName::Processors => &mut self.processors,
            LimitName::Processes => &mut self.processes,
            LimitName::Seconds => &mut self.seconds,
            LimitName::OutputMb => &mut self.output_mb,
        }
    }

    /// What is set, as far as it can be.
    fn get(mut self, name: LimitName) -> Option<u32> {
        let (least, most) = name.range();
        self.slot(name).map(|value| value.clamp(least, most))
    }
}

impl BuildSettings {
    /// The bounds of a build with any engine.
    pub(super) fn of_engine(&self) -> Limits {
        let default = Limits::default();
        let bytes = |name, default| self.limits.get(name).map_or(default, |mb| u64::from(mb) << 20);
        Limits {
            wall: self
                .limits
                .get(LimitName::Seconds)
                .map_or(default.wall, |seconds| Duration::from_secs(seconds.into())),
            memory_bytes: bytes(LimitName::MemoryMb, default.memory_bytes),
            output_bytes: bytes(LimitName::OutputMb, default.output_bytes),
        }
    }

    /// How builds with an engine are to go.
    pub(super) fn options(&self, engine: EngineChoice) -> BuildOptions {
        match engine.is_tex_live() {
            true => {
                let Self { draft, stop_on_first_error, .. } = *self;
                BuildOptions { draft, stop_on_first_error }
            }
            false => BuildOptions::default(),
        }
    }

    /// TeX Live with the bounds and the consent of this project.
    pub(super) fn of_tex_live(&self, found: TexLive) -> TexLive {
        let default = found.limits;
        let here = processors_here() * 1000;
        let limits = SandboxLimits {
            milli_cpus: self
                .limits
                .get(LimitName::Processors)
                .map_or(default.milli_cpus, |processors| processors * 1000)
                .min(here),
            processes: self.limits.get(LimitName::Processes).unwrap_or(default.processes),
            build_bytes: self
                .limits
                .get(LimitName::OutputMb)
                .map_or(default.build_bytes, |mb| u64::from(mb) << 20),
            ..default
        };
        TexLive { limits, shell_escape: self.programs == Programs::Allowed, ..found }
    }
}

impl Desk {
    /// Change how a project is built; its settings as they are then.
    fn choose(
        &mut self,
        id: ProjectId,
        change: impl FnOnce(&mut BuildSettings),
    ) -> Result<ProjectSettings, WorkbenchError> {
        let project = self.project(id)?;
        change(&mut project.settings.build);
        Ok(project.settings.clone())
    }
}

impl Workbench {
    /// The bounds that the builds of a project have, those that its engine heeds.
    pub fn build_limits(&self, id: ProjectId) -> Result<Vec<BuildLimit>, WorkbenchError> {
        let (engine, limits) = self.try_ask(move |desk| {
            let project = desk.project(id)?;
            Ok((project.engine.clone(), project.settings.build.limits))
        })?;
        let engine = EngineChoice::named(&engine).unwrap_or(EngineChoice::Tectonic);
        let limit = |name: &LimitName| {
            let (least, most) = name.range();
            BuildLimit {
                name: *name,
                value: limits.get(*name),
                default: name.default(engine),
                least,
                most,
            }
        };
        Ok(LimitName::of(engine).iter().map(limit).collect())
    }

    /// Set a bound of the builds of a project; without a value the default holds again.
    pub fn set_build_limit(
        &self,
        id: ProjectId,
        name: LimitName,
        value: Option<u32>,
    ) -> Result<(), WorkbenchError> {
        let (least, most) = name.range();
        if value.is_some_and(|value| value < least || value > most) {
            return Err(WorkbenchError::LimitOutOfRange { name: name.words(), least, most });
        }
        let settings =
            self.try_ask(move |desk| desk.choose(id, |build| *build.limits.slot(name) = value))?;
        self.keep_project_settings(id, settings)
    }

    /// Let the document of a project run programs, inside the sandbox only, or no longer. What it left then goes.
    pub fn allow_programs(&self, id: ProjectId, allowed: bool) -> Result<(), WorkbenchError> {
        let programs = if allowed { Programs::Allowed } else { Programs::Refused };
        let (before, settings) = self.try_ask(move |desk| {
            let before = desk.project(id)?.settings.build.programs;
            Ok((before, desk.choose(id, |build| build.programs = programs)?))
        })?;
        self.keep_project_settings(id, settings)?;
        match (before == Programs::Allowed) == allowed {
            true => Ok(()),
            false => self.build_anew(id, !allowed),
        }
    }

    /// Switch something on or off for builds with TeX Live's engines; the pages are made anew.
    pub fn set_build_switch(
        &self,
        id: ProjectId,
        switch: BuildSwitch,
        on: bool,
    ) -> Result<(), WorkbenchError> {
        let settings = self.try_ask(move |desk| {
            desk.choose(id, |build| match switch {
                BuildSwitch::Draft => build.draft = on,
                BuildSwitch::StopOnFirstError => build.stop_on_first_error = on,
            })
        })?;
        self.keep_project_settings(id, settings)?;
        self.build_anew(id, false)
    }

    /// What is set for TeX Live is another.
    fn build_anew(&self, id: ProjectId, clean: bool) -> Result<(), WorkbenchError> {
        self.try_ask(move |desk| {
            let engine = EngineChoice::named(&desk.project(id)?.engine);
            if engine.is_some_and(EngineChoice::is_tex_live) {
                desk.begin_build(id, Wish { clean, after_pause: false });
            }
            Ok(())
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_set_is_kept_within_bounds() {
        let limits = BuildLimits {
            memory_mb: Some(1),
            processors: Some(10_000),
            seconds: Some(600),
            ..BuildLimits::default()
        };
        let settings = BuildSettings { limits, ..BuildSettings::default() };
        let bounds = settings.of_engine();
        assert_eq!((bounds.memory_bytes, bounds.wall.as_secs()), (256 << 20, 600));
        assert_eq!(bounds.output_bytes, Limits::default().output_bytes);
        assert_eq!(limits.get(LimitName::Processors), Some(processors_here()));
    }

    #[test]
    fn settings_of_an_older_or_a_newer_program_are_understood() {
        let read = |text: &str| serde_json::from_str::<ProjectSettings>(text).unwrap().build;
        assert_eq!(read(r#"{"words":["a"]}"#), BuildSettings::default());
        let newer = read(r#"{"build":{"programs":"allowed","limits":{"memoryMb":512,"more":1}}}"#);
        assert_eq!((newer.programs, newer.limits.memory_mb), (Programs::Allowed, Some(512)));
    }
}
