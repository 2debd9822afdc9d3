-- The form in which other software published an article, whose ActivityPub id it keeps: 'article' or 'note'. Other servers do not
-- change the type of an id. The same numbered step stands in ../postgres/.
ALTER TABLE object_uris ADD COLUMN form TEXT;
