"""The map's stand-in where no shapes were built: one tile for each country and territory, roughly in its place."""

ROWS = """
.. .. .. .. .. .. .. .. GL FO GB NO DK SJ SE AX FI EE .. .. .. .. .. .. .. .. ..
.. .. .. CA .. .. .. .. IS IM BE NL DE CZ PL LT LV BY UA GE KZ RU .. .. .. .. ..
.. .. .. .. .. .. .. PM IE GG JE LU LI AT HU SK RO MD AM AZ UZ KG MN .. .. .. ..
.. .. .. US BS TC BM AI PT ES FR CH SM SI BA RS BG TR SY IR TM TJ CN KP JP .. ..
.. .. MX CU HT PR VG MF EH GI AD MC IT HR ME XK MK LB IQ KW AF NP BT HK KR .. ..
.. .. BZ KY DO SX BL AG GP MR MA DZ TN VA AL GR CY IL BH QA PK IN MM MO TW .. ..
.. UM GT HN JM VI KN DM MQ CV SN ML NE MT LY EG PS JO SA AE OM BD LA VN PH MP ..
.. .. SV NI AW CW MS VC LC GM GN BF BJ NG TD SD SS ER DJ YE .. TH KH BN GU FM ..
TK KI .. CR PA BQ GD TT BB GW CI GH TG CM CF RW UG KE ET SO MV LK SG MY PW NR MH
WS AS .. EC CO VE GY SR GF SL LR ST GQ GA CG CD BI TZ KM SC IO CC ID TL PG SB TV
WF NU PF .. .. PE BO BR .. .. SH .. .. .. AO ZM ZW MW YT MU .. .. CX AU VU FJ ..
TO CK PN .. .. CL AR PY UY .. .. .. .. .. NA BW SZ MZ MG RE .. .. .. .. .. NC NF
.. .. .. .. .. .. .. FK GS .. .. BV .. .. .. ZA LS .. .. .. TF HM .. .. .. .. NZ
.. .. .. .. .. .. .. .. .. .. .. AQ .. .. .. .. .. .. .. .. .. .. .. .. .. .. ..
"""

TILES: dict[str, tuple[int, int]] = {
    code: (column, row)
    for row, line in enumerate(ROWS.strip().splitlines())
    for column, code in enumerate(line.split())
    if code != ".."
}
"""Country code to column and row, from the upper left, both from 0."""

COLUMNS = 1 + max(column for column, _ in TILES.values())
HEIGHT = 1 + max(row for _, row in TILES.values())
