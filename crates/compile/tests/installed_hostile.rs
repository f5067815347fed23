//! Documents that mean harm, in the TeX Live of this computer inside bubblewrap: see `support/hostile.rs`.

#![allow(clippy::unwrap_used)]

mod support;

use support::{hostile, texlive::OnTexLive};

#[test]
fn a_fork_bomb_is_defused() {
    hostile::a_fork_bomb_is_defused(OnTexLive::installed);
}

#[test]
fn memory_is_bounded() {
    hostile::memory_is_bounded(OnTexLive::installed);
}

#[test]
fn a_disk_is_not_filled() {
    hostile::a_disk_is_not_filled(OnTexLive::installed);
}

#[test]
fn there_is_no_network_and_no_door() {
    hostile::there_is_no_network_and_no_door(OnTexLive::installed);
}

#[test]
fn links_that_a_program_makes_lead_nowhere() {
    hostile::links_that_a_program_makes_lead_nowhere(OnTexLive::installed);
}

#[test]
fn a_pdf_that_is_a_link_to_the_host_is_no_pdf() {
    hostile::a_pdf_that_is_a_link_to_the_host_is_no_pdf(OnTexLive::installed);
}

#[test]
fn who_ignores_signals_is_ended_all_the_same() {
    hostile::who_ignores_signals_is_ended_all_the_same(OnTexLive::installed);
}

#[test]
fn a_log_without_end_is_cut_off() {
    hostile::a_log_without_end_is_cut_off(OnTexLive::installed);
}
