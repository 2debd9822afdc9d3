//! Audio and video: an element with an address becomes a player, in the page's HTML, and a link to the file elsewhere.

use super::{MAX_DEPTH, Vocabulary, Writer};
use crate::content::html::{
    elements::{PLAYERS, VOID},
    escape::push_attribute,
    tokens::{Tag, Token},
};
use url::Url;

/// The attributes of an author's element that a player keeps.
const KEPT: &[&str] = &[
    "src",
    "poster",
    "width",
    "height",
    "aria-label",
    "title",
    "lang",
];

/// An element for audio or video that has begun.
pub(super) struct Player {
    tag: Tag,
    /// The address of its first `source`.
    source: Option<String>,
    /// Its content: the text for browsers that can't play it, or everything after it, if it never ends.
    content: Vec<Token>,
    /// The names of the open elements in it.
    open: Vec<String>,
}

impl Writer<'_> {
    /// Reads a token of the author's HTML. What is in a player is kept back until its end. If there is none before the
    /// end of the element around it, it is text like any other.
    pub(super) fn page_token(&mut self, token: Token) {
        let is_player = matches!(&token, Token::Start(tag) if PLAYERS.contains(&tag.name.as_str()));
        let Some(player) = &mut self.player else {
            match token {
                Token::Start(tag) if is_player => self.player = Some(Player::new(tag)),
                token => self.plain_token(token),
            }
            return;
        };
        match token {
            Token::Start(tag) if is_player => {
                self.end_player(false);
                self.player = Some(Player::new(tag));
            }
            Token::End(name) if name == player.tag.name => self.end_player(true),
            Token::End(name) => match player.open.iter().rposition(|open| *open == name) {
                Some(position) => {
                    player.open.truncate(position);
                    player.content.push(Token::End(name));
                }
                None => {
                    self.end_player(false);
                    self.plain_token(Token::End(name));
                }
            },
            token => player.read(token),
        }
    }

    /// Writes the player that has begun, if there is one, and what is in it, unless it has an address and an end.
    pub(super) fn end_player(&mut self, has_end: bool) {
        let Some(player) = self.player.take() else {
            return;
        };
        let own = player.tag.get("src").map(str::to_owned);
        let address = own.or(player.source).filter(|src| is_usable(src));
        let is_written = match &address {
            Some(address) => self.player_element(&player.tag, address),
            None => false,
        };
        if !(is_written && has_end) {
            for token in player.content {
                self.plain_token(token);
            }
        }
    }

    /// Writes a player. Returns `false` if it would be too deep.
    fn player_element(&mut self, tag: &Tag, address: &str) -> bool {
        let known = PLAYERS.iter().find(|name| **name == tag.name);
        let Some(name) = known.filter(|_| self.open.len() < MAX_DEPTH) else {
            return false;
        };
        self.start_due_paragraph();
        self.out.push('<');
        self.out.push_str(name);
        self.out.push_str(" controls=\"\" preload=\"metadata\"");
        push_attribute(&mut self.out, "src", address.trim());
        for (attribute, value) in &tag.attributes {
            if attribute != "src" && KEPT.contains(&attribute.as_str()) {
                push_attribute(&mut self.out, attribute, value);
            }
        }
        self.out.push_str("></");
        self.out.push_str(name);
        self.out.push('>');
        true
    }

    /// Writes a player of the page's HTML as a link to its file.
    pub(super) fn player_link(&mut self, tag: &Tag) {
        let is_alone = self.open.is_empty();
        self.paragraph_due |= is_alone;
        self.image(tag);
        if is_alone {
            self.close_paragraph();
            self.end_block();
            self.paragraph_due = true;
        }
    }

    /// Returns whether an element is a player to be written as a link.
    pub(super) fn links_player(&self, name: &str) -> bool {
        self.normalizer.vocabulary == Vocabulary::Fediverse
            && !self.normalizer.is_remote
            && PLAYERS.contains(&name)
    }
}

/// Returns whether an address is relative, `http` or `https`.
fn is_usable(address: &str) -> bool {
    let address = address.trim();
    match Url::parse(address) {
        Ok(url) => matches!(url.scheme(), "http" | "https"),
        Err(error) => error == url::ParseError::RelativeUrlWithoutBase && !address.is_empty(),
    }
}

impl Player {
    fn new(tag: Tag) -> Self {
        Self {
            tag,
            source: None,
            content: Vec::new(),
            open: Vec::new(),
        }
    }

    fn read(&mut self, token: Token) {
        if let Token::Start(tag) = &token {
            if tag.name == "source" && self.source.is_none() {
                self.source = tag.get("src").map(str::to_owned);
            }
            let is_void = VOID.contains(&tag.name.as_str()) || tag.name == "source";
            if !is_void && !tag.self_closing {
                self.open.push(tag.name.clone());
            }
        }
        self.content.push(token);
    }
}
