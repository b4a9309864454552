"""The tests of pgcode that the browser's Python cannot run, and why. ``test_pgcode.py`` fails where this is not so.

A test is named by its file and its name, with or without its parameters.
"""

PROCESSES = "it starts a process, and a browser has none"
THREADS = "it starts a thread, and a browser has none"
SIGNALS = "it needs the signal of a timer, and a browser has none"
SCIPY = "it compares with SciPy, which is 20 MB there and not part of the course"
NBFORMAT = "it reads the notebooks with nbformat and tools that are not in the browser"
SIZES = "it names the type or the largest size of whole numbers: those of a browser have 32 bits unless told otherwise"
WARNINGS = "it waits for a warning of floating point, and WebAssembly raises none"
BARS = "it waits for a bar of text, and with IPython in the browser a bar of tqdm is a widget"
EIGENVECTORS = "its LAPACK gives eigenvectors another sign or order, so that a wrong answer is wrong in another way"
LONG = "it takes minutes there, and runs natively"
CLOCK = "what it expects takes as long as natively, and there it takes three times as long"

#: They are not started: some would never end without a timer, others take too long before they fail.
NOT_STARTED = {
    "test_audit.py::test_a_small_number_in_a_divisor_hides_no_name": LONG,
    "test_audit.py::test_one_that_draws_numbers_is_judged_by_its_standard_error": CLOCK,
    "test_audit.py::test_a_step_size_in_disguise_is_said": LONG,
    "test_audit_of_recipes.py::test_any_three_that_come_together_are_named": LONG,
    "test_bias.py::test_right_data_and_weights_give_uniform_p_values": SCIPY,
    "test_bias.py::test_the_level_holds_too_where_no_moments_are_given": SCIPY,
    "test_bias.py::test_the_simulated_test_has_its_level": SCIPY,
    "test_exercises.py::test_no_mutant_is_accepted": LONG,
    "test_exercises_engine.py::test_an_alarm_of_the_reader_is_kept": SIGNALS,
    "test_exercises_engine.py::test_an_answer_that_never_returns_is_stopped[catches]": SIGNALS,
    "test_exercises_engine.py::test_an_answer_that_never_returns_is_stopped[catches_quickly]": SIGNALS,
    "test_exercises_engine.py::test_an_answer_that_never_returns_is_stopped[sleeps]": SIGNALS,
    "test_audit_shell.py::test_the_shell_has_what_the_functions_have[too slow]": SIGNALS,
    "test_grading.py": PROCESSES,
}

#: They are started, and fail.
FAILS = {
    "test_architecture.py::test_every_module_imports_numpy_alone": PROCESSES,
    "test_architecture.py::test_import_pgcode_imports_nothing_else": PROCESSES,
    "test_bias.py::test_a_progress_bar_shows_only_if_asked_for": BARS,
    "test_chi_squared.py::test_density_is_that_of_scipy": SCIPY,
    "test_chi_squared.py::test_noncentral_survival_is_that_of_scipy": SCIPY,
    "test_chi_squared.py::test_quantile_is_that_of_scipy_and_undoes_survival": SCIPY,
    "test_chi_squared.py::test_one_is_told_only_where_what_is_missing_is_lost_beside_it": SCIPY,
    "test_chi_squared.py::test_survival_is_that_of_scipy": SCIPY,
    "test_console.py::test_everything_can_be_printed_in_an_old_encoding": PROCESSES,
    "test_docstrings.py::test_examples_print_what_they_say[pgcode.trajectories]": SIZES,
    "test_exercises.py::test_a_chapter_is_where_it_is_said_to_be": NBFORMAT,
    "test_exercises.py::test_every_exercise_has_its_place_in_the_notebook": NBFORMAT,
    "test_exercises.py::test_every_place_is_in_the_book": NBFORMAT,
    "test_exercises.py::test_the_answer_of_the_notebook_is_the_reference": NBFORMAT,
    "test_exercises.py::test_the_exercise_notebook_is_what_the_solutions_give": NBFORMAT,
    "test_exercises.py::test_the_task_has_its_title_and_its_labels": NBFORMAT,
    "test_exercises_engine.py::test_a_loop_is_stopped_in_another_thread_too": THREADS,
    "test_exercises_engine.py::test_an_answer_may_be_the_first_to_use_a_name_of_the_package": PROCESSES,
    "test_exercises_engine.py::test_an_error_in_the_answer_is_said_plainly[passes a warning on]": WARNINGS,
    "test_exercises_engine.py::test_an_error_in_the_answer_is_said_plainly[returns far too much]": SIZES,
    "test_exercises_wrong_answers.py::test_a_wrong_answer_is_told_what_was_read"
    "[state_action_form.stationary_distribution: eigenvector unscaled]": EIGENVECTORS,
    "test_exercises_wrong_answers.py::test_a_wrong_answer_is_told_what_was_read"
    "[state_action_form.stationary_distribution: largest eigenvalue by size]": EIGENVECTORS,
    "test_in_page_exercise.py::test_the_solution_of_each_function_is_right": NBFORMAT,
    "test_learning.py::test_a_progress_bar_starts_no_thread": BARS,
    "test_learning_replicate.py::test_a_bar_counts_runs": BARS,
    "test_learning_tables.py::test_a_bar_is_shown_by_each_learner": BARS,
    "test_learning_train.py::test_features_of_ones_own_and_a_bar": BARS,
    "test_mdp.py::TestTablesOfOtherPackages::test_actions_first[scipy.sparse.coo_matrix]": SCIPY,
    "test_mdp.py::TestTablesOfOtherPackages::test_actions_first[scipy.sparse.csr_array]": SCIPY,
    "test_mdp.py::TestTablesOfOtherPackages::test_an_array_of_sparse_matrices": SCIPY,
    "test_nasty_inputs.py::test_nasty_input[mdp: allowed as counts]": SIZES,
    "test_nasty_inputs.py::test_nasty_input[trajectories: buffer with flags of 2]": SIZES,
    "test_policies.py::TestGaussianPolicy::test_density_is_that_of_the_normal_distribution": SCIPY,
    "test_values.py::test_stationary_distribution_agrees_with_scipy": SCIPY,
}
