using Graph.Generator.Dims;
using Graph.Generator.Ir;
using Graph.Generator.Specs;

namespace Graph.Generator.Passes;

/// <summary>
/// Stage 4: a reverse walk over each phase. Every instruction contributes what its operator declares; where several
/// gradients meet, the sum is inserted here and never by an operator (anchors 7, N1). The law:
/// gradients of values inside a phase are assigned (=); gradients of parameters accumulate (+=); gradients of what a
/// phase reads from outside accumulate into buffers zeroed before backward, except that the gradient of a state the
/// phase updates is replaced, because the old value is another value.
/// </summary>
internal sealed class Differentiate
{
    /// <summary>Rows of a region's block: partial sums of broadcast parameters have one row for each.</summary>
    public const int BlockRows = 48;

    private readonly ModelGraph graph;
    private readonly HashSet<Value> active = [];
    private readonly Dictionary<Value, List<Value>> contributions = [];
    private readonly Dictionary<Value, Value> targets = [];
    private readonly Dictionary<Value, int> consumers = [];
    private Phase phase = null!;

    private Differentiate(ModelGraph graph) => this.graph = graph;

    public static void Run(ModelGraph graph)
    {
        var pass = new Differentiate(graph);
        var activeAtEntry = FindActive.Run(graph, pass.active);
        for (var i = graph.Phases.Count - 1; i >= 0; i--)
        {
            pass.Reverse(graph.Phases[i], activeAtEntry[graph.Phases[i]]);
        }
    }

    private void Reverse(Phase reversed, HashSet<Value> activeStates)
    {
        phase = reversed;
        contributions.Clear();
        targets.Clear();
        consumers.Clear();
        foreach (var instr in phase.Forward.Where(IsDifferentiable))
        {
            foreach (var read in instr.Reads.GroupBy(r => r.Value))
            {
                consumers[read.Key] = (consumers.TryGetValue(read.Key, out var n) ? n : 0) + read.Count();
            }
        }

        foreach (var (loss, _) in graph.Losses.Where(l => Writes(l.Loss)))
        {
            Contribute(loss, Buffer(loss));
        }

        foreach (var outer in graph.Gradients.Keys.Where(v => !v.IsState && Writes(v) && !graph.Losses.Any(l => l.Loss == v)).ToList())
        {
            Contribute(outer, graph.Gradients[outer]);
        }

        for (var i = phase.Forward.Count - 1; i >= 0; i--)
        {
            var instr = phase.Forward[i];
            if (instr.Kind == InstrKind.Copy)
            {
                if (graph.Gradients.TryGetValue(instr.Write("y"), out var seed))
                {
                    Contribute(instr.Read("x"), seed);
                }
            }
            else if (IsDifferentiable(instr))
            {
                Reverse(instr);
            }
        }

        PassOut(activeStates);
    }

    /// <summary>Hands the gradients of what the phase read from outside to their buffers.</summary>
    private void PassOut(HashSet<Value> activeStates)
    {
        foreach (var outside in contributions.Keys.Where(v => v.Root == v && v.IsPersistent && !Writes(v)).ToList())
        {
            if (outside.IsState ? !activeStates.Contains(outside) : !active.Contains(outside))
            {
                continue;
            }

            var total = Total(outside);
            var kind = phase.Updates.Contains(outside) ? InstrKind.Copy : InstrKind.Accumulate;
            phase.Backward.Add(new Instr(kind, "d_" + outside.Name, "d_" + outside.ShortName, graph.Spec.Name)
                .Reading("x", total).Writing("y", Buffer(outside), $"d_{outside.ShortName}_total"));
        }
    }

    private bool Writes(Value value) => phase.Forward.Any(i => i.Writes.Any(w => w.Value.Root == value && i.Kind != InstrKind.Copy));

    private bool IsDifferentiable(Instr instr) =>
        instr.Kind != InstrKind.Copy
        && instr.Writes.Any(w => active.Contains(w.Value.Root))
        && (instr.Kind != InstrKind.Tile || instr.Launch!.Order == 0);

    /// <summary>The persistent gradient buffer of a value that lives across phases.</summary>
    private Value Buffer(Value of)
    {
        if (!graph.Gradients.TryGetValue(of, out var buffer))
        {
            graph.Gradients[of] = buffer = graph.Keep(new Value("d_" + of.Name, of.Shape) { ShortName = "d_" + of.ShortName });
        }

        return buffer;
    }

    private void Contribute(Value to, Value gradient)
    {
        if (!contributions.TryGetValue(to, out var list))
        {
            contributions[to] = list = [];
        }

        list.Add(gradient);
    }

    private bool Wants(Value value) => value.IsState ? active.Contains(value) || graph.Phases.Any(p => p.Updates.Contains(value)) : active.Contains(value.Root);

    /// <summary>Where the whole gradient of <paramref name="value"/> ends up: a view's is the same view of its base's gradient.</summary>
    private Value Target(Value value)
    {
        if (targets.TryGetValue(value, out var target))
        {
            return target;
        }

        var name = "d_" + value.Name;
        target = value.Base is null
            ? new Value(name, value.Shape) { ShortName = "d_" + value.ShortName }
            : Value.View(name, Target(value.Base), value.Shape, value.Column, value.Row);
        target.ShortName = "d_" + value.ShortName;
        return targets[value] = target;
    }

    /// <summary>A place for one contribution to the gradient of <paramref name="value"/>.</summary>
    private Value Contribution(Value value, Instr from)
    {
        var alone = consumers.TryGetValue(value, out var n) && n == 1 && !contributions.ContainsKey(value) && !value.IsPersistent;
        var place = alone ? Target(value) : new Value($"d_{value.Name}_{from.Path}", value.Shape) { ShortName = $"d_{value.ShortName}_{from.Label}" };
        Contribute(value, place);
        return place;
    }

    /// <summary>The sum of all contributions; null when nothing reads the value on a path to a loss.</summary>
    private Value? TotalOrNull(Value value)
    {
        Gather(value);
        return contributions.ContainsKey(value) ? Total(value) : null;
    }

    /// <summary>Brings the gradients of views together: they must tile their base, so that no gap needs a zero.</summary>
    private void Gather(Value value)
    {
        var views = contributions.Keys.Where(v => v.Base == value).ToList();
        if (views.Count == 0)
        {
            return;
        }

        var byRows = views[0].Shape.Count > 1 && !views[0].Length.Equals(value.Length);
        var covered = views.Aggregate(DimExpr.Constant(0), (sum, v) => sum + (byRows ? v.Length : v.Width));
        if (!covered.Equals(byRows ? value.Length : value.Width) || contributions.ContainsKey(value))
        {
            var writer = phase.Forward.FirstOrDefault(i => i.Writes.Any(w => w.Value == value));
            throw new CompileException(Problem.Of("GRAPH028", writer?.Place ?? value.Name, value.ShortName, string.Join(", ", views.Select(v => v.ShortName))));
        }

        foreach (var view in views)
        {
            Gather(view);
            var total = Total(view);
            if (total != Target(view))
            {
                phase.Backward.Add(new Instr(InstrKind.Copy, Target(view).Name, Target(view).ShortName, graph.Spec.Name).Reading("x", total).Writing("y", Target(view)));
            }

            contributions.Remove(view);
        }

        contributions[value] = [Target(value)];
    }

    private Value Total(Value value)
    {
        var list = contributions[value];
        var total = list[0];
        for (var i = 1; i < list.Count; i++)
        {
            var last = i == list.Count - 1;
            var sum = last && !value.IsPersistent ? Target(value) : new Value($"d_{value.Name}_sum{(last ? "" : i.ToString(System.Globalization.CultureInfo.InvariantCulture))}", value.Shape) { ShortName = $"d_{value.ShortName}_sum" };
            phase.Backward.Add(new Instr(InstrKind.Sum, sum.Name, sum.ShortName, graph.Spec.Name).Reading("a", total).Reading("b", list[i]).Writing("y", sum));
            total = sum;
        }

        contributions[value] = [total];
        return total;
    }

    private void Reverse(Instr instr)
    {
        if (instr.Kind == InstrKind.Tile)
        {
            ReverseTile(instr);
            return;
        }

        var y = instr.Write("y");
        var dy = TotalOrNull(y);
        if (dy is null)
        {
            return;
        }

        switch (instr.Kind)
        {
            case InstrKind.MatMul:
                ReverseMatMul(instr, dy);
                break;
            case InstrKind.Row:
                var row = Like(instr, InstrKind.RowBackward).Reading("dy", dy, "d_" + instr.Label).Reading("s", instr.Write("s"));
                ReadForward(row, instr);
                phase.Backward.Add(row.Writing("dx", Contribution(instr.Read("x"), instr), "d_" + instr.Reads[0].Label));
                break;
            default:
                ReversePointwise(instr, dy);
                break;
        }
    }

    private static Instr Like(Instr instr, InstrKind kind)
    {
        var like = new Instr(kind, instr.Path, instr.Label, instr.Block)
        {
            Operator = instr.Operator, Node = instr.Node, Bindings = instr.Bindings, TokenAxis = instr.TokenAxis,
        };
        foreach (var parameter in instr.Parameters)
        {
            like.Parameters[parameter.Key] = parameter.Value;
        }

        return like;
    }

    /// <summary>The forward values that the operator says its backward reads.</summary>
    private static void ReadForward(Instr backward, Instr forward)
    {
        foreach (var role in forward.Operator!.BackwardReads)
        {
            var operand = forward.Reads.Concat(forward.Writes).FirstOrDefault(o => o.Role == role);
            if (operand is not null)
            {
                backward.Reads.Add(operand);
            }
        }
    }

    private void ReversePointwise(Instr instr, Value dy)
    {
        var backward = Like(instr, InstrKind.PointwiseBackward).Reading("dy", dy, "d_" + instr.Label);
        ReadForward(backward, instr);
        foreach (var read in instr.Reads.Where(r => Wants(r.Value)))
        {
            backward.Writing("d" + read.Role, Contribution(read.Value, instr), "d_" + read.Label);
        }

        Instr? reduce = null;
        if (instr.Parameters.Count > 0)
        {
            var width = instr.Write("y").Width;
            var blocks = DimExpr.Constant(BlockRows);
            var partial = new Value($"p_{instr.Path}", [DimExpr.Name("b"), DimExpr.Ceiling(instr.Write("y").Length, blocks), width]) { ShortName = "p_" + instr.Label };
            backward.Writing("partial", partial);
            reduce = Like(instr, InstrKind.ReducePartial).Reading("partial", partial);
        }

        phase.Backward.Add(backward);
        if (reduce is not null)
        {
            phase.Backward.Add(reduce);
        }
    }

    private void ReverseMatMul(Instr instr, Value dy)
    {
        if (Wants(instr.Read("x")))
        {
            phase.Backward.Add(Like(instr, InstrKind.MatMulBackward).Reading("dy", dy).Writing("dx", Contribution(instr.Read("x"), instr)));
        }

        phase.Backward.Add(Like(instr, InstrKind.WeightGradient).Reading("dy", dy).Reading("x", instr.Read("x")));
    }

    private void ReverseTile(Instr first)
    {
        var op = first.Operator!;
        var launches = phase.Forward.Where(i => i.Path == first.Path && i.Kind == InstrKind.Tile).ToList();
        var operands = launches.SelectMany(l => l.Reads.Concat(l.Writes)).GroupBy(o => o.Role).ToDictionary(g => g.Key, g => g.First());
        var gradients = new Dictionary<string, Value>();
        foreach (var output in op.Outputs.Where(o => operands.ContainsKey(o.Name)))
        {
            if (TotalOrNull(operands[output.Name].Value) is { } total)
            {
                gradients["d" + output.Name] = total;
            }
        }

        if (gradients.Count == 0)
        {
            return;
        }

        var written = new HashSet<string>(op.Launches.Where(l => l.Backward).SelectMany(l => l.Parameters).Select(p => p.Name));
        foreach (var input in op.Inputs.Where(i => operands.ContainsKey(i.Name) && written.Contains("d" + i.Name)))
        {
            var value = operands[input.Name].Value;
            gradients["d" + input.Name] = Wants(value)
                ? Contribution(value, first)
                : new Value($"d_{value.Name}_{first.Path}", value.Shape) { ShortName = $"d_{value.ShortName}" };
        }

        foreach (var scratch in op.Scratch)
        {
            var shape = scratch.Dims.Select(d => DimParser.Parse(d, out var parsed, out _) ? parsed.Substitute(first.Bindings) : throw new InvalidOperationException(d)).ToList();
            gradients[scratch.Name] = new Value($"s_{first.Path}_{scratch.Name}", shape) { ShortName = $"s_{first.Label}_{scratch.Name}" };
        }

        var done = new HashSet<Value>();
        foreach (var launch in op.Launches.Where(l => l.Backward).OrderBy(l => l.Order))
        {
            var backward = Like(first, InstrKind.Tile);
            backward.Launch = launch;
            foreach (var parameter in launch.Parameters.Where(p => p.Type is "Ref" or "IntRef"))
            {
                // A gradient or scratch is the result of the first launch that names it; later launches read it.
                var isResult = op.Inputs.Any(i => "d" + i.Name == parameter.Name) || op.Scratch.Any(s => s.Name == parameter.Name);
                if (gradients.TryGetValue(parameter.Name, out var gradient))
                {
                    _ = isResult && done.Add(gradient) ? backward.Writing(parameter.Name, gradient) : backward.Reading(parameter.Name, gradient);
                }
                else if (operands.TryGetValue(parameter.Name, out var operand))
                {
                    backward.Reads.Add(operand);
                }
            }

            phase.Backward.Add(backward);
        }
    }
}
