-- Changes that are published without telling anybody. The same numbered step stands in ../postgres/.

-- Whether nothing is delivered for it. Triggers leave it false, so that changes by other programs are announced.
ALTER TABLE changes ADD COLUMN silent BOOLEAN NOT NULL DEFAULT FALSE;
CREATE INDEX changes_by_object ON changes (kind, uid);
