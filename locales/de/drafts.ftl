# A draft that is shown before it is published.

draft-notice = Dies ist ein Entwurf. Bitte gib seine Adresse nicht weiter.
