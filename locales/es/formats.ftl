# A date and a time of day with its zone: "21 August 2010, 11:05 UTC".
date-and-time = { $date }, { $time }
