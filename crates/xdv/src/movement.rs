//! Lengths that a page keeps in registers, to move by them again, and what it says apart from them.
//!
//! TeX writes a movement by the one before it of the same length as long as it can still mark that one in its output
//! buffer, and leaves out a group with nothing in it as long as that buffer still holds where it began. Of the buffer a
//! half is written out whenever that is full, so the same page is written otherwise where more or less stands before it.

use crate::{
    Sp,
    command::{Command, Commands, Register},
};

/// Where a command leads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Movement {
    Right(Sp),
    Down(Sp),
}

/// The registers with lengths; `push` saves them.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Registers {
    right: [Sp; 2],
    down: [Sp; 2],
}

impl Registers {
    /// Where a command leads that does nothing else.
    pub(crate) fn movement(&mut self, command: &Command<'_>) -> Option<Movement> {
        let keep = |kept: &mut [Sp; 2], register: Register, by: Option<Sp>| {
            let kept = &mut kept[register as usize];
            *kept = by.unwrap_or(*kept);
            *kept
        };
        Some(match *command {
            Command::Right(by) => Movement::Right(by),
            Command::RightBy(register, by) => Movement::Right(keep(&mut self.right, register, by)),
            Command::Down(by) => Movement::Down(by),
            Command::DownBy(register, by) => Movement::Down(keep(&mut self.down, register, by)),
            _ => return None,
        })
    }
}

/// The commands of a page that can be read, each with how far down the page it stands.
pub(crate) struct PlacedCommands<'a> {
    commands: Commands<'a>,
    now: (Sp, Registers),
    stack: Vec<(Sp, Registers)>,
}

impl<'a> PlacedCommands<'a> {
    pub(crate) fn of(page: &'a [u8]) -> Self {
        Self {
            commands: Commands::new(page, 0),
            now: (Sp(0), Registers::default()),
            stack: Vec::new(),
        }
    }
}

impl<'a> Iterator for PlacedCommands<'a> {
    type Item = (Sp, Command<'a>);

    fn next(&mut self) -> Option<Self::Item> {
        let command = self.commands.next().ok().flatten()?;
        let (place, registers) = &mut self.now;
        let here = *place;
        if let Some(Movement::Down(by)) = registers.movement(&command) {
            *place = Sp(here.0.wrapping_add(by.0));
        }
        match command {
            Command::Push => self.stack.push(self.now),
            Command::Pop => self.now = self.stack.pop().unwrap_or_default(),
            _ => {}
        }
        Some((here, command))
    }
}

/// Whether two pages say the same, however they write their movements, and with or without empty groups; the pointer to
/// the page before does not count.
pub(crate) fn say_the_same(one: &[u8], other: &[u8]) -> bool {
    Sayings::of(one).eq(Sayings::of(other))
}

#[derive(PartialEq, Eq)]
enum Saying<'a> {
    Page([i32; 10]),
    Opens,
    Moves(Movement),
    Bytes(&'a [u8]),
}

struct Sayings<'a> {
    page: &'a [u8],
    commands: Commands<'a>,
    registers: Registers,
    stack: Vec<Registers>,
    /// Groups that were opened last, with nothing in them yet.
    empty_groups: usize,
    /// What comes behind their beginnings.
    next: Option<Saying<'a>>,
}

impl<'a> Sayings<'a> {
    fn of(page: &'a [u8]) -> Self {
        Self {
            page,
            commands: Commands::new(page, 0),
            registers: Registers::default(),
            stack: Vec::new(),
            empty_groups: 0,
            next: None,
        }
    }

    fn read(&mut self) -> Option<Saying<'a>> {
        loop {
            let start = self.commands.at;
            let Ok(Some(command)) = self.commands.next() else {
                // What cannot be read counts byte for byte.
                self.commands.at = self.page.len();
                return self.page.get(start..).filter(|rest| !rest.is_empty()).map(Saying::Bytes);
            };
            match command {
                Command::Push => {
                    self.stack.push(self.registers);
                    self.empty_groups += 1;
                    continue;
                }
                Command::Pop => {
                    self.registers = self.stack.pop().unwrap_or_default();
                    if self.empty_groups > 0 {
                        self.empty_groups -= 1;
                        continue;
                    }
                }
                Command::Bop(counts) => return Some(Saying::Page(counts)),
                _ => {}
            }
            return Some(match self.registers.movement(&command) {
                Some(movement) => Saying::Moves(movement),
                None => Saying::Bytes(&self.page[start..self.commands.at]),
            });
        }
    }
}

impl<'a> Iterator for Sayings<'a> {
    type Item = Saying<'a>;

    fn next(&mut self) -> Option<Saying<'a>> {
        if self.next.is_none() {
            self.next = self.read();
        }
        if self.empty_groups > 0 {
            self.empty_groups -= 1;
            return Some(Saying::Opens);
        }
        self.next.take()
    }
}

#[cfg(test)]
mod tests {
    use super::say_the_same;

    fn page(pointer: u8, body: &[u8]) -> Vec<u8> {
        [&[139][..], &[0; 40], &[pointer; 4], body, &[140]].concat()
    }

    #[test]
    fn a_page_is_the_same_however_it_writes_its_movements() {
        // down 7, A, down 7 again; with y, with z, and with y within a group that ends.
        let plain = page(0, &[157, 7, 65, 157, 7, 66]);
        for body in [
            &[162, 7, 65, 161, 66][..],
            &[167, 7, 65, 166, 66],
            &[158, 0, 7, 65, 162, 7, 66],
            &[162, 7, 65, 162, 7, 66],
        ] {
            assert!(say_the_same(&plain, &page(9, body)), "{body:?}");
        }
        assert!(say_the_same(
            &plain,
            &page(0, &[141, 142, 157, 7, 65, 157, 7, 141, 141, 142, 142, 66])
        ));
        let kept = page(0, &[162, 7, 141, 162, 3, 142, 161, 65]);
        assert!(say_the_same(&kept, &page(0, &[157, 7, 141, 157, 3, 142, 157, 7, 65])));
    }

    #[test]
    fn what_is_said_otherwise_is_another_page() {
        let plain = page(0, &[157, 7, 65, 148, 7, 66]);
        for body in [
            &[157, 7, 65, 148, 7, 67][..],
            &[157, 8, 65, 148, 7, 66],
            &[157, 7, 65, 157, 7, 66],
            &[157, 7, 65, 66],
            &[157, 7, 65, 148, 7, 66, 138],
            &[157, 7, 65, 148],
            &[157, 7, 65, 141, 148, 7, 66, 142],
            &[157, 7, 65, 148, 7, 66, 141],
        ] {
            assert!(!say_the_same(&plain, &page(0, body)), "{body:?}");
        }
        let mut numbered = plain.clone();
        numbered[4] = 1;
        assert!(!say_the_same(&plain, &numbered));
    }
}
