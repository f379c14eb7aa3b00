-- Undo the foundation; all data is lost.
DROP TABLE accepted_finding, overlay, facility, residence, team_member, team, person, area_version, area,
    edition_now, edition;
