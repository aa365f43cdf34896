using Graph.Generator.Ir;

namespace Graph.Generator.Passes;

/// <summary>
/// Stage 6: a phase's instructions become launches. Row-local work that follows row-local work stays in one region, which
/// the CPU executes block by block so that what lies between never leaves the cache; row instructions that follow each
/// other become one fused kernel; parameter gradients wait for the end of their region.
/// </summary>
internal static class FormRegions
{
    public static List<Launch> Run(IReadOnlyList<Instr> instrs, string prefix, bool bySample, FusionNotes notes)
    {
        var launches = new List<Launch>();
        var waiting = new List<Instr>();
        Launch? open = null;
        Launch? region = null;

        for (var i = 0; i < instrs.Count; i++)
        {
            var instr = instrs[i];
            if (instr.Kind is InstrKind.WeightGradient or InstrKind.ReducePartial)
            {
                waiting.Add(instr);
                continue;
            }

            var kind = KindOf(instr, instrs, i, open, bySample);
            if (open is null || !Joins(open, kind, instr))
            {
                Close();
                open = new Launch(kind) { Length = FusedOrWritten(instr).Length, Width = FusedOrWritten(instr).Width };
                launches.Add(open);
                if (region is not null)
                {
                    notes.Launches(region, region.Instrs.Last(), open, instr);
                }

                region = open;
            }

            open.Steps.Add(new Step(null, instr));
            if (kind == LaunchKind.Tile)
            {
                Close();
            }
        }

        Close();
        foreach (var launch in launches.Where(l => l.Kind is LaunchKind.Rows or LaunchKind.Samples or LaunchKind.Columns))
        {
            FuseRows(launch, notes);
        }

        NameLaunches.Run(launches, prefix);
        return launches;

        void Close()
        {
            open = null;
            while (waiting.Count > 0)
            {
                // Units of a launch run at the same time and add to the gradient: calls that share a parameter take turns.
                var first = waiting.GroupBy(w => w.Parameters.Values.First()).Select(g => g.First()).ToList();
                var parameters = new Launch(LaunchKind.Parameters);
                parameters.Steps.AddRange(first.Select(w => new Step(null, w)));
                launches.Add(parameters);
                waiting.RemoveAll(first.Contains);
            }
        }
    }

    private static Value FusedOrWritten(Instr instr) => instr.IsRowKernel ? FusedKernel.Of(instr) : (instr.Writes.Count > 0 ? instr.Writes[0] : instr.Reads[0]).Value;

    private static LaunchKind KindOf(Instr instr, IReadOnlyList<Instr> all, int at, Launch? open, bool bySample)
    {
        if (instr.Kind == InstrKind.Tile)
        {
            return instr.Launch!.Units == "rows" ? bySample ? LaunchKind.Samples : LaunchKind.Rows
                : instr.Launch.Units == "b" && bySample ? LaunchKind.Samples
                : LaunchKind.Tile;
        }

        if (bySample)
        {
            // A sample's rows are all here, but only column kernels reduce along the tokens; element-wise work in between stays with them.
            return Axis(instr) == true || (open is { Kind: LaunchKind.Columns } && Axis(instr) is null && Joins(open, LaunchKind.Columns, instr))
                ? LaunchKind.Columns
                : LaunchKind.Samples;
        }

        if (Axis(instr) is { } tokens)
        {
            return tokens ? LaunchKind.Columns : LaunchKind.Rows;
        }

        // Element-wise work has no axis of its own: it stays where it is, or takes the axis of what comes next.
        if (open is { Kind: LaunchKind.Rows or LaunchKind.Columns })
        {
            return open.Kind;
        }

        for (var i = at + 1; i < all.Count; i++)
        {
            if (all[i].Kind == InstrKind.Tile)
            {
                break;
            }

            if (all[i].Kind is not (InstrKind.WeightGradient or InstrKind.ReducePartial) && Axis(all[i]) is { } next)
            {
                return next ? LaunchKind.Columns : LaunchKind.Rows;
            }
        }

        return LaunchKind.Rows;
    }

    /// <summary>True: along the tokens; false: along the features; null: element-wise.</summary>
    private static bool? Axis(Instr instr) => instr.Kind switch
    {
        InstrKind.MatMul or InstrKind.MatMulBackward or InstrKind.Row or InstrKind.RowBackward or InstrKind.RowApply => instr.TokenAxis,
        InstrKind.Tile => instr.Launch!.Units == "rows" ? false : null,
        _ => instr.Parameters.Count > 0 ? false : null,
    };

    private static bool Joins(Launch open, LaunchKind kind, Instr instr)
    {
        if (open.Kind != kind || kind == LaunchKind.Tile || (instr.Launch?.Barrier ?? false))
        {
            return false;
        }

        var shape = FusedOrWritten(instr);
        return kind switch
        {
            LaunchKind.Rows => shape.Length.Equals(open.Length),
            LaunchKind.Columns => shape.Width.Equals(open.Width),
            _ => true,
        };
    }

    private static void FuseRows(Launch launch, FusionNotes notes)
    {
        var fused = new List<Step>();
        var run = new List<Instr>();
        foreach (var step in launch.Steps)
        {
            var instr = step.Single!;
            if (instr.IsRowKernel)
            {
                var sameShape = run.Count == 0 || SameShape(run[0], instr);
                var sameAxis = run.All(r => Axis(r) is null || Axis(instr) is null || r.TokenAxis == instr.TokenAxis);
                if (!sameShape || !sameAxis || (HasPartial(instr) && run.Any(HasPartial)))
                {
                    notes.Kernels(run[run.Count - 1], instr, sameShape, sameAxis);
                    Flush();
                }

                run.Add(instr);
                continue;
            }

            Flush();
            fused.Add(step);
        }

        Flush();
        launch.Steps.Clear();
        launch.Steps.AddRange(fused);

        void Flush()
        {
            if (run.Count > 0)
            {
                fused.Add(new Step(new FusedKernel([.. run]), null));
                run.Clear();
            }
        }
    }

    /// <summary>A kernel sums one parameter's gradient.</summary>
    private static bool HasPartial(Instr instr) => instr.Writes.Any(w => w.Role == "partial");

    private static bool SameShape(Instr a, Instr b)
    {
        var (x, y) = (FusedKernel.Of(a), FusedKernel.Of(b));
        return x.Width.Equals(y.Width) && x.Length.Equals(y.Length);
    }
}
