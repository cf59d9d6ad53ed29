"""Command line entry: `python -um guild.op_main MODULE [ARG...]`.

Runs MODULE as the program of a run. The work is in `guild.main_script`: the
namespace this file executes in is the real `__main__`, which is emptied and
handed to the script, so nothing may be defined here.
"""

if __name__ == "__main__":
    import sys

    # As `main_script.own_module` does it, which is in there.
    sys.dont_write_bytecode, kept = False, sys.dont_write_bytecode
    from guild import main_script

    sys.dont_write_bytecode = kept
    main_script.main()
