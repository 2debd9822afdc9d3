-- Drafts without a date of their own. The same numbered step stands in ../postgres/.

-- Drafts whose file named no date: they get that of their publication.
CREATE TABLE undated_drafts (
    article_id BIGINT PRIMARY KEY REFERENCES articles (id) ON DELETE CASCADE
);
