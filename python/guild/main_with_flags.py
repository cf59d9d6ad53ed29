"""The main module of a run whose script gets flag values as globals.

Other processes of the run load the script a second time: multiprocessing with
the start methods spawn and forkserver, joblib, launchers that start the same
command again for each device. They find it by `__main__.__spec__.name`. For a
script with preset globals that is the name of this module, which executes the
script with the same values in place. Where the script is and what the values
are comes in the environment, see `guild.flag_inheritance`.

Like `guild.op_main` this defines nothing: its namespace becomes the script's.
"""

from guild import main_script

main_script.rerun(globals())
