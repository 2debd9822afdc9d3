# A draft that is shown before it is published.

draft-notice = Esto es un borrador. Por favor, no compartas su dirección.
