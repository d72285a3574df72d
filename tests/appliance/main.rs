//! What is around the three programs: updates of the system, made by the repository's scripts and judged by RAUC itself.

mod bundles;
