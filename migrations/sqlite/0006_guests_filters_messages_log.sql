-- Comments of guests, judged and moderated ones, what the admin is told of. The same numbered step stands in
-- ../postgres/. Steps run with foreign keys off, so that a table that others refer to can be made anew: SQLite
-- drops no constraint. A trigger that names a table would be changed or missed by a modern renaming.
PRAGMA legacy_alter_table = ON;

-- The actor that speaks for those who comment without an account.
CREATE TABLE new_local_actors (
    id              INTEGER PRIMARY KEY AUTOINCREMENT,
    username        TEXT NOT NULL UNIQUE,
    kind            TEXT NOT NULL CHECK (kind IN ('site', 'author', 'instance', 'comments')),
    author_id       BIGINT UNIQUE REFERENCES authors (id) ON DELETE CASCADE,
    created_at      BIGINT NOT NULL,
    aliases         TEXT NOT NULL DEFAULT '[]',
    moved_to        TEXT,
    key_generation  BIGINT NOT NULL DEFAULT 0
);
INSERT INTO new_local_actors (id, username, kind, author_id, created_at, aliases, moved_to, key_generation)
SELECT id, username, kind, author_id, created_at, aliases, moved_to, key_generation FROM local_actors;
DROP TABLE local_actors;
ALTER TABLE new_local_actors RENAME TO local_actors;

-- Who comments here without an account. The browser holds the row's number, signed.
CREATE TABLE guests (
    id            INTEGER PRIMARY KEY AUTOINCREMENT,
    name          TEXT NOT NULL,
    -- Never shown, never federated.
    mail          TEXT,
    site          TEXT,
    -- When they followed the link that was mailed to them.
    confirmed_at  BIGINT,
    -- The admin let a comment of theirs in.
    trusted       BOOLEAN NOT NULL DEFAULT FALSE,
    -- They want no more mails.
    unsubscribed  BOOLEAN NOT NULL DEFAULT FALSE,
    created_at    BIGINT NOT NULL
);
CREATE INDEX guests_by_mail ON guests (LOWER(mail));

CREATE TABLE new_comments (
    id              INTEGER PRIMARY KEY AUTOINCREMENT,
    article_id      BIGINT NOT NULL REFERENCES articles (id) ON DELETE CASCADE,
    number          BIGINT NOT NULL,
    parent_id       BIGINT REFERENCES comments (id) ON DELETE SET NULL,
    uri             TEXT NOT NULL UNIQUE,
    url             TEXT,
    actor_id        BIGINT REFERENCES remote_actors (id) ON DELETE SET NULL,
    author_name     TEXT NOT NULL,
    author_handle   TEXT NOT NULL,
    author_url      TEXT,
    content         TEXT NOT NULL,
    content_warning TEXT,
    language        TEXT,
    -- 'unconfirmed' until its author follows the link that was mailed to them.
    state           TEXT NOT NULL
                    CHECK (state IN ('visible', 'held', 'unconfirmed', 'hidden', 'spam', 'deleted')),
    reason          TEXT,
    published_at    BIGINT NOT NULL,
    received_at     BIGINT NOT NULL,
    edited_at       BIGINT,
    replies_uri     TEXT,
    crawls          BIGINT NOT NULL DEFAULT 0,
    next_crawl_at   BIGINT,
    -- Of a comment that was written here without an account: by whom, its source, and whether they want to
    -- hear of answers.
    guest_id        BIGINT REFERENCES guests (id) ON DELETE SET NULL,
    markdown        TEXT,
    wants_answers   BOOLEAN NOT NULL DEFAULT FALSE,
    -- The address it came from, hashed with the node's secret; forgotten after some days.
    address_hash    TEXT,
    -- JSON: pictures, emoji, a poll, what it quotes.
    extras          TEXT,
    -- How much of a spam it looks like, and a JSON list of the reasons.
    score           BIGINT,
    score_reasons   TEXT,
    -- The hash of its text, by which the same text of many is noticed.
    text_hash       TEXT,
    -- As what the admin's decision taught it to the filter, and when.
    trained         TEXT CHECK (trained IN ('ham', 'spam')),
    trained_at      BIGINT,
    -- The spam service is to be asked, has answered, or is to be told better; and when that is due.
    akismet         TEXT CHECK (akismet IN ('check', 'ham', 'spam', 'submit-ham', 'submit-spam')),
    akismet_at      BIGINT,
    -- What admins write to themselves about it.
    admin_note      TEXT,
    -- The admin is to be told of it; it waits for the next mail to the admin; the guest whom it answers is
    -- to be told of it.
    untold          BOOLEAN NOT NULL DEFAULT FALSE,
    unmailed        BOOLEAN NOT NULL DEFAULT FALSE,
    guest_untold    BOOLEAN NOT NULL DEFAULT FALSE,
    UNIQUE (article_id, number)
);
INSERT INTO new_comments (id, article_id, number, parent_id, uri, url, actor_id, author_name, author_handle,
    author_url, content, content_warning, language, state, reason, published_at, received_at, edited_at,
    replies_uri, crawls, next_crawl_at)
SELECT id, article_id, number, parent_id, uri, url, actor_id, author_name, author_handle,
    author_url, content, content_warning, language, state, reason, published_at, received_at, edited_at,
    replies_uri, crawls, next_crawl_at FROM comments;
DROP TABLE comments;
ALTER TABLE new_comments RENAME TO comments;
PRAGMA legacy_alter_table = OFF;
CREATE INDEX comments_by_actor ON comments (actor_id);
CREATE INDEX comments_by_parent ON comments (parent_id);
CREATE INDEX comments_by_state ON comments (state, id);
CREATE INDEX comments_by_url ON comments (url);
CREATE INDEX comments_to_crawl ON comments (next_crawl_at) WHERE next_crawl_at IS NOT NULL;
CREATE INDEX comments_of_article ON comments (article_id, state);
CREATE INDEX comments_by_guest ON comments (guest_id) WHERE guest_id IS NOT NULL;
CREATE INDEX comments_by_address ON comments (address_hash, received_at) WHERE address_hash IS NOT NULL;
CREATE INDEX comments_by_text ON comments (text_hash, received_at) WHERE text_hash IS NOT NULL;
CREATE INDEX comments_trained ON comments (actor_id) WHERE trained IS NOT NULL;
CREATE INDEX comments_for_akismet ON comments (akismet_at) WHERE akismet_at IS NOT NULL;
CREATE INDEX comments_of_guests ON comments (article_id, received_at) WHERE address_hash IS NOT NULL;
CREATE INDEX comments_from_guests ON comments (id) WHERE guest_id IS NOT NULL;
CREATE INDEX comments_untold ON comments (state, id) WHERE untold;
CREATE INDEX comments_unmailed ON comments (id) WHERE unmailed;
CREATE INDEX comments_for_guests ON comments (state, id) WHERE guest_untold;

ALTER TABLE comment_edits ADD COLUMN content_warning TEXT;

-- How comments are taken where they are open; NULL is the site's choice. And for how many days; 0 is for ever,
-- NULL the site's choice.
ALTER TABLE articles ADD COLUMN comment_policy TEXT CHECK (comment_policy IN ('open', 'moderated', 'followers'));
ALTER TABLE articles ADD COLUMN comment_days BIGINT CHECK (comment_days >= 0 AND typeof(comment_days) IN ('integer', 'null'));

CREATE TRIGGER articles_comments_updated AFTER UPDATE OF comment_policy, comment_days ON articles BEGIN
    INSERT INTO changes (kind, uid) VALUES ('article', NEW.uid);
END;

-- When an actor first came here.
ALTER TABLE remote_actors ADD COLUMN first_seen_at BIGINT NOT NULL DEFAULT 0;

-- Words and patterns that hold a comment back.
CREATE TABLE filters (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    kind        TEXT NOT NULL CHECK (kind IN ('word', 'pattern')),
    value       TEXT NOT NULL,
    action      TEXT NOT NULL CHECK (action IN ('hold', 'spam')),
    created_at  BIGINT NOT NULL,
    UNIQUE (kind, value)
);

-- Whose comments are never held back.
CREATE TABLE allows (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    kind        TEXT NOT NULL CHECK (kind IN ('host', 'actor')),
    value       TEXT NOT NULL,
    reason      TEXT,
    created_at  BIGINT NOT NULL,
    UNIQUE (kind, value)
);

-- What the filter learned: in how many comments of each kind a word stood. The empty word counts the comments;
-- a host that they came from is a word with '@' before it.
CREATE TABLE learned_words (
    word  TEXT PRIMARY KEY,
    ham   BIGINT NOT NULL DEFAULT 0,
    spam  BIGINT NOT NULL DEFAULT 0
);

-- Every decision: who, when, why, and what was before.
CREATE TABLE log (
    id      INTEGER PRIMARY KEY AUTOINCREMENT,
    at      BIGINT NOT NULL,
    -- The admin's name on the system, 'link' for one from a mail, or the part of the node that decided.
    who     TEXT NOT NULL,
    action  TEXT NOT NULL,
    -- What it was about: 'comment 12', an actor, a host.
    about   TEXT NOT NULL,
    why     TEXT,
    before  TEXT,
    -- Of a comment: why it was in that state.
    before_reason  TEXT
);
CREATE INDEX log_by_about ON log (about, id);

-- Mails and calls of webhooks to be sent.
CREATE TABLE messages (
    id               INTEGER PRIMARY KEY AUTOINCREMENT,
    -- By which who gets it twice knows it again.
    uid              TEXT NOT NULL UNIQUE,
    channel          TEXT NOT NULL CHECK (channel IN ('mail', 'webhook')),
    recipient        TEXT NOT NULL,
    -- JSON.
    payload          TEXT NOT NULL,
    attempts         BIGINT NOT NULL DEFAULT 0,
    -- While it is being sent, the time at which another node takes it up. NULL: given up.
    next_attempt_at  BIGINT,
    error            TEXT,
    created_at       BIGINT NOT NULL
);
CREATE INDEX messages_due ON messages (channel, next_attempt_at) WHERE next_attempt_at IS NOT NULL;

-- JSON list of the custom emoji in an actor's name.
ALTER TABLE remote_actors ADD COLUMN emoji TEXT;

-- Notices are told of too.
ALTER TABLE notices ADD COLUMN untold BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE notices ADD COLUMN unmailed BOOLEAN NOT NULL DEFAULT FALSE;
CREATE INDEX notices_untold ON notices (id) WHERE untold;
CREATE INDEX notices_unmailed ON notices (id) WHERE unmailed;
