-- Pictures, audio and video files of the site. The same numbered step stands in ../postgres/.

-- Each row is a file that is served at /media/{name}, with smaller versions of it. The name is made from the content of
-- the file that was taken in.
CREATE TABLE media (
    name         TEXT NOT NULL PRIMARY KEY,
    kind         TEXT NOT NULL CHECK (kind IN ('picture', 'animation', 'audio', 'video')),
    content_type TEXT NOT NULL,
    -- In pixels; NULL for audio and video.
    width        BIGINT,
    height       BIGINT,
    blurhash     TEXT,
    -- The point that stays visible when the picture is cropped: from -1 (left, bottom) to 1 (right, top).
    focus_x      REAL,
    focus_y      REAL,
    bytes        BIGINT NOT NULL,
    -- A JSON list of {name, width, height, content_type, bytes}.
    variants     TEXT NOT NULL DEFAULT '[]',
    created_at   BIGINT NOT NULL,
    -- Set while something that uses the file is being stored.
    claimed_at   BIGINT,
    -- Set when nothing used the file any more, and it was deleted.
    removed_at   BIGINT
);
